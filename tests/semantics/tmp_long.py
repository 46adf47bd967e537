from tests.semantics.test_machine import *
import collections
import tests.semantics.model as m, tests.semantics.duel as d
seen=collections.Counter(); trans=collections.Counter(); sb=collections.Counter(); sizes=collections.Counter(); n=[0]
od=m.Model._decision
def dec(self,name):
    r=od(self,name); 
    if self.parents(name).total: seen[self.tasks[name].rule,r]+=1
    return r
m.Model._decision=dec
ob=m.Task.become
def bec(self,s): trans[self.status,s]+=1; ob(self,s)
m.Task.become=bec
obe=m.Model._below
def bel(self,was):
    r=obe(self,was); 
    for x in r: sb[self.tasks[x].status]+=1
    return r
m.Model._below=bel
op=d.Duel._play
def pl(self,l): n[0]+=1; sizes[len(self.model.tasks)]+=1; op(self,l)
d.Duel._play=pl
def test_x(start):
    try: run_state_machine_as_test(lambda: Machine(start), settings=PROFILE)
    finally:
        print(n, sorted(sizes.items())); print(sorted(sb.items()))
        for k,v in sorted(seen.items()): print(k,v)
        print(sorted(trans.items(), key=lambda x:x[1])); print(len(trans))
