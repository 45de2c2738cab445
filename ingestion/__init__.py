"""Files to documents, elements, passages and a searchable index.

Importing this package switches off what its libraries would send home, before any of them is imported: the
settings below are read at import time, and a blocked network otherwise costs up to 16 s for one `import unstructured`.
"""

import os

for _name, _value in {
    "DO_NOT_TRACK": "1",
    "SCARF_NO_ANALYTICS": "true",
    "UNSTRUCTURED_DISABLE_NOTICE": "1",
    "ANONYMIZED_TELEMETRY": "False",
    "HF_HUB_OFFLINE": "1",
    "LANGSMITH_TRACING": "false",
    "LANGCHAIN_TRACING_V2": "false",
}.items():
    os.environ.setdefault(_name, _value)
