"""Tables are shown as a French spreadsheet shows them, and nothing of them is left out in silence."""
