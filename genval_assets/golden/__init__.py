"""What people say of candidates: which to show, the page that shows them, and what their labels change."""
