"""The jury sets final marks, publishes them and rectifies them with a reason; its lists and statistics.

A published result changes only by a rectification. A sheet may then be communicated to a
candidate who asks for it; the proposed mark stays masked in it, unless a decision that cites its law gives it.
"""
