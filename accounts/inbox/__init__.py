"""The pages of the inbox. `accounts.telling` writes what is in it, `wekeza_portal.notifications.inbox` keeps it."""
