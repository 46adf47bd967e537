"""What happens when machines, networks and databases fail: real processes, real faults, and a proof afterwards.

A fleet works (:mod:`fleet`) on jobs that are fed to it (:mod:`workload`) while it is harmed (:mod:`test_faults`).
What tasks did stands in a journal that they write themselves (:mod:`journal`), what the database accepted in an audit
table (audit.sql). From both and the tables the :mod:`checker` proves that nothing was lost, and :mod:`report` tells
the price.

``make test`` runs it in a short form with shortened leases, ``make chaos`` in a long one with the real ones.
"""
