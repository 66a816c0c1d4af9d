"""The limit of the framework: a FastAPI endpoint that does nothing, on uvicorn."""

import sys

import uvicorn
from fastapi import FastAPI

app = FastAPI(openapi_url=None)


@app.post("/v1/token")
async def token() -> dict[str, str]:
    return {"access_token": "nobody"}


@app.post("/v1/students/{student_id}/{step}")
async def nothing(student_id: str, step: str) -> dict[str, str]:
    return {}


if __name__ == "__main__":
    uvicorn.run(app, port=int(sys.argv[1]), log_level="warning", access_log=False)
