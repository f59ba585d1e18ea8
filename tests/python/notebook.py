"""Runs the example notebook from its first cell to its last, as a reader of it would: python3 notebook.py

Needs the packages of notebook-requirements.txt beside it, which `make setup` puts into a virtual environment.
"""
import pathlib
import sys

import nbclient
import nbformat

ROOT = pathlib.Path(__file__).parents[2]


def main() -> None:
    notebook = nbformat.read(ROOT / "examples/python/rollouts.ipynb", as_version=4)
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    kept = [cell for cell in code if cell.outputs or cell.execution_count]
    if kept:
        sys.exit("the stored notebook has outputs; clear them")
    nbclient.NotebookClient(notebook, timeout=100, kernel_name="python3").execute()  # raises with the cell that fails
    outputs = [output for cell in code for output in cell.outputs]
    said = "".join(output.text for output in outputs if output.output_type == "stream")
    shown = [output.data for output in outputs if "data" in output]
    pictures = [data for data in shown if "image/png" in data]
    pages = [data["text/html"] for data in shown if "text/html" in data]
    if any(output.output_type == "stream" and output.name == "stderr" for output in outputs):
        sys.exit(f"the notebook warned:\n{said}")
    if "200 sessions" not in said or len(pictures) != 2 or not any("<svg" in page for page in pages):
        sys.exit(f"{len(pictures)} pictures, {len(pages)} pages, and it said:\n{said}")
    print(f"notebook: {len(code)} cells, {len(pictures)} pictures, 0 failures")


if __name__ == "__main__":
    main()
