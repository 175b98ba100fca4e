"""Which messages a customer gets outside the portal: chosen on a page, obeyed by the sender. docs/notifications.md"""
