"""Candidates without an e-mail address come in by a code on paper, with which they give their own address."""
