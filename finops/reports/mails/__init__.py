"""Reports and alerts as mails: subject, HTML with charts inside, plain text beside it."""
