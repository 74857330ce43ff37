"""The jury sets final marks, publishes them and rectifies them with a reason; its lists and statistics.

A published result changes only by a rectification. The proposed mark stays secret after publication too, unless the
sheet is communicated to a candidate who asks for it.
"""
