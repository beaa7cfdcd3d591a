"""Makes the fixtures of the recipes: what mergekit 0.1.5 makes of three tiny Llama models.

    python make_mergekit.py         with mergekit 0.1.5, transformers 5, PyTorch, safetensors

mergekit/{base,math,code}/ are folders of transformers (six layers, 8 wide, 13 tokens), recipes/*.yaml the
recipes, expected.safetensors the tensors of each result as "recipe/tensor", expected.json the number of
layers and the type in each result's config.json.
"""

import json
import os
import shutil
import tempfile

import torch
import yaml
from safetensors.torch import load_file, save_file
from transformers import LlamaConfig, LlamaForCausalLM

from mergekit.config import MergeConfiguration
from mergekit.merge import MergeOptions, run_merge

here = os.path.join(os.path.dirname(os.path.abspath(__file__)), "mergekit")
LAYERS, WIDTH, TOKENS = 4, 8, 13


def models():
    shutil.rmtree(here, ignore_errors=True)
    os.makedirs(here + "/recipes")
    torch.manual_seed(1)
    config = LlamaConfig(
        vocab_size=TOKENS, hidden_size=WIDTH, intermediate_size=12, num_hidden_layers=LAYERS,
        num_attention_heads=2, num_key_value_heads=1, max_position_embeddings=16,
        tie_word_embeddings=False)
    base = LlamaForCausalLM(config)
    with torch.no_grad():
        for p in base.parameters():
            p.add_(0.1 * torch.randn_like(p))
    for seed, name in enumerate(["base", "math", "code"]):
        torch.manual_seed(10 + seed)
        model = LlamaForCausalLM(config)
        model.load_state_dict(base.state_dict())
        if name != "base":
            with torch.no_grad():
                for p in model.parameters():
                    p.add_(0.05 * torch.randn_like(p))
        model.save_pretrained(f"{here}/{name}")
        os.remove(f"{here}/{name}/generation_config.json")
        for file, text in [("tokenizer.json", {"version": "1.0", "model": {"vocab": {}}}),
                           ("tokenizer_config.json", {"model_max_length": 16})]:
            json.dump(text, open(f"{here}/{name}/{file}", "w"))


RECIPES = {
    "linear": """
merge_method: linear
models:
  - model: math
    parameters: {weight: 1.0}
  - model: code
    parameters:
      weight: [0.2, 0.6, 0.5]
dtype: float32
""",
    "linear-raw": """
merge_method: linear
models:
  - {model: math, parameters: {weight: 0.7}}
  - {model: code, parameters: {weight: 0.7}}
parameters: {normalize: false}
""",
    "slerp": """
slices:
  - sources:
      - model: math
        layer_range: [0, 4]
      - model: code
        layer_range: [0, 4]
merge_method: slerp
base_model: math
parameters:
  t:
    - filter: self_attn
      value: [0, 0.5, 0.3, 0.7, 1]
    - filter: mlp
      value: [1, 0.5, 0.7, 0.3, 0]
    - value: 0.5
dtype: float32
""",
    "slerp-models": """
merge_method: slerp
base_model: code
models:
  - model: math
parameters: {t: 0.25}
""",
    "task_arithmetic": """
merge_method: task_arithmetic
base_model: base
models:
  - model: math
    parameters: {weight: 0.8}
  - model: code
    parameters:
      weight:
        - {filter: mlp, value: [0.1, 0.9]}
        - 0.4
""".replace("        - 0.4\n", "        - {filter: \"*\", value: 0.4}\n") + """
parameters: {lambda: 0.5}
""",
    "ties": """
merge_method: ties
base_model: base
models:
  - model: base
  - model: math
    parameters:
      density: [1, 0.7, 0.1]
      weight: 1.0
  - model: code
    parameters:
      density: 0.5
      weight: [0, 0.3, 0.7, 1]
parameters:
  normalize: true
  int8_mask: true
dtype: float32
""",
    "ties-raw": """
merge_method: ties
base_model: base
models:
  - {model: math, parameters: {density: 0.3, weight: 0.5}}
  - {model: code, parameters: {density: 0.6, weight: 0.4}}
parameters: {normalize: false, lambda: 1.5}
""",
    "breadcrumbs": """
merge_method: breadcrumbs
base_model: base
models:
  - {model: math, parameters: {density: 0.8, gamma: 0.05, weight: 0.5}}
  - {model: code, parameters: {density: 0.6, weight: 0.7}}
parameters: {normalize: true}
""",
    "breadcrumbs_ties": """
merge_method: breadcrumbs_ties
base_model: base
models:
  - {model: math, parameters: {density: 0.8, gamma: 0.1, weight: 0.5}}
  - {model: code, parameters: {density: 0.5, gamma: 0.02, weight: 0.7}}
""",
    "dare_linear": """
merge_method: dare_linear
base_model: base
models:
  - {model: math, parameters: {density: 1.0, weight: 0.5}}
  - {model: code, parameters: {density: 1.0, weight: 0.7}}
parameters: {normalize: true}
""",
    "dare_ties": """
merge_method: dare_ties
base_model: base
models:
  - {model: math, parameters: {weight: 0.5}}
  - {model: code, parameters: {weight: 0.7}}
""",
    "model_stock": """
merge_method: model_stock
base_model: base
models:
  - model: math
  - model: code
""",
    "passthrough": """
merge_method: passthrough
slices:
  - sources:
      - {model: math, layer_range: [0, 3]}
  - sources:
      - model: code
        layer_range: [1, 4]
        parameters:
          scale:
            - {filter: o_proj, value: 0.5}
            - {value: 1.0}
dtype: bfloat16
""",
    "mixed-slices": """
merge_method: linear
slices:
  - sources:
      - {model: math, layer_range: [0, 2], parameters: {weight: 0.25}}
      - {model: code, layer_range: [1, 3], parameters: {weight: [0.5, 1.0]}}
  - sources:
      - {model: code, layer_range: [2, 4]}
parameters: {weight: 1.0}
dtype: float32
""",
    "bfloat16": """
merge_method: linear
models:
  - {model: math, parameters: {weight: 1}}
  - {model: code, parameters: {weight: 3}}
dtype: float32
out_dtype: bfloat16
""",
}


def expected():
    tensors, configs = {}, {}
    os.chdir(here)
    for name, text in RECIPES.items():
        open(f"recipes/{name}.yaml", "w").write(text.lstrip())
        config = MergeConfiguration.model_validate(yaml.safe_load(text))
        with tempfile.TemporaryDirectory() as out:
            run_merge(config, out, MergeOptions(quiet=True, copy_tokenizer=True, write_model_card=False))
            for file in sorted(os.listdir(out)):
                if file.endswith(".safetensors"):
                    for key, value in load_file(f"{out}/{file}").items():
                        tensors[f"{name}/{key}"] = value
            made = json.load(open(f"{out}/config.json"))
            configs[name] = {
                "layers": made["num_hidden_layers"], "dtype": made.get("dtype") or made.get("torch_dtype")}
    save_file(tensors, "expected.safetensors")
    json.dump(configs, open("expected.json", "w"), indent=1, sort_keys=True)


if __name__ == "__main__":
    models()
    expected()
