"""The claims of articles, held against a catalog: what it says, whether that is so, what it hinges on."""
