"""What is done with sessions, appointments and parts: permission, transaction, history and mails."""
