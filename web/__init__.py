"""The pages of essaim: request → query → template, over the library `kb`."""
