"""What tests say of mails: where they arrive, how they come back."""
