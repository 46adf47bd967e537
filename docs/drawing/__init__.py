"""The pictures of these pages: scenes (what they show), panels and machine (how), paper (what they stand on)."""
