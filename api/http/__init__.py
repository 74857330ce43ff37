"""What every request goes through: who asks, what is read of it, how often, how a refusal is worded (RFC 9457).

Routes stand in the folder of their room; nothing here knows what the exam is.
"""
