"""The facts for programs: read by the policy of the pages, pushed as files are sent."""
