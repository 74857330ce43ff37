"""Mails as they are shown: their words, their looks, the programs that wrote them."""
