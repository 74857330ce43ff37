"""Support's page: where somebody who calls stands, by their exact address or number. No content, and no act."""
