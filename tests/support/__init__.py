"""What tests share: engines, clocks, mails, waiting, counting. Nothing here asserts a rule of the trade."""
