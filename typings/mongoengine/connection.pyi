from typing import Any

from pymongo.database import Database

def get_db(alias: str = ...) -> Database[dict[str, Any]]: ...
