#!/usr/bin/env python3
"""Makes the fixtures of SequenceFrameworkTests.swift: tiny random transformers of the real libraries,
their descriptions, and what they answer in Float64.

    python make_sequences.py            # torch 1.13 and transformers 4.36.2

One safetensors file with the tensors of all models (their own names behind the model's), one with
inputs and outputs, and a description a model.
"""

import os

import numpy as np
import torch
from safetensors.numpy import save_file
from torch import nn

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "sequences")
TENSORS, ANSWERS = {}, {}
VOCABULARY = 13


class Description:
    """The layers of a model, as --graph reads them."""

    def __init__(self, model):
        self.model, self.lines, self.count = model, [], 0

    def add(self, kind, inputs=None, tensors=None, **settings):
        self.count += 1
        name = f"l{self.count}"
        parts = [f"name: {name}", f"type: {kind}"]
        for key, value in settings.items():
            text = str(value).lower() if isinstance(value, bool) else str(value).replace("'", "")
            parts.append(f"{key}: {text}")
        if tensors:
            inner = ", ".join(f'{role}: "{self.model}.{tensor}"' for role, tensor in tensors.items())
            parts.append(f"tensors: {{{inner}}}")
        if inputs:
            parts.append(f"inputs: [{', '.join(inputs)}]")
        self.lines.append(f"  - {{{', '.join(parts)}}}")
        return name

    def linear(self, name, units, source, bias=True, **settings):
        tensors = {"kernel": name + ".weight"}
        if bias:
            tensors["bias"] = name + ".bias"
        return self.add("dense", [source], tensors, units=units, **settings)

    def norm(self, name, source, epsilon, kind="layerNormalization", **settings):
        tensors = {"gamma": name + ".weight"}
        if kind != "rmsNormalization":
            tensors["beta"] = name + ".bias"
        return self.add(kind, [source], tensors, epsilon=f"{epsilon:.1e}", **settings)

    def save(self):
        with open(os.path.join(HERE, self.model + ".yaml"), "w") as file:
            file.write("channels: last\nlayers:\n" + "\n".join(self.lines) + "\n")


def shaken(model):
    """Every parameter away from its initial value, so that none is without effect."""
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.25)
    return model.eval().float().double()


def record(name, model, inputs, outputs):
    for key, value in model.state_dict().items():
        if value.dtype.is_floating_point and not key.endswith((".attn.bias", "masked_bias", "inv_freq")):
            TENSORS[f"{name}.{key}"] = value.float().contiguous().numpy().copy()
    ANSWERS[f"{name}.input"] = np.asarray(inputs, np.float32).copy()
    ANSWERS[f"{name}.output"] = outputs.detach().double().numpy().copy()


def tokens(steps, count=3):
    return torch.randint(0, VOCABULARY, (count, steps))


def gpt2():
    from transformers import GPT2Config, GPT2LMHeadModel
    model = shaken(GPT2LMHeadModel(GPT2Config(
        vocab_size=VOCABULARY, n_positions=12, n_embd=12, n_layer=2, n_head=3)))
    ids = tokens(9)
    record("gpt2", model, ids, model(ids).logits)
    TENSORS.pop("gpt2.lm_head.weight")
    d = Description("gpt2")
    d.add("input", shape='["?"]')
    x = d.add("embedding", ["l1"], {"embeddings": "transformer.wte.weight"}, vocabulary=VOCABULARY, size=12)
    x = d.add("tableAddition", [x], {"embeddings": "transformer.wpe.weight"})
    for layer in range(2):
        p = f"transformer.h.{layer}."
        h = d.norm(p + "ln_1", x, 1e-5)
        h = d.linear(p + "attn.c_attn", 36, h, layout="keras")
        q, k, v = (d.add("select", [h], start=12 * i, width=12) for i in range(3))
        h = d.add("attention", [q, k, v], heads=3, causal=True)
        h = d.linear(p + "attn.c_proj", 12, h, layout="keras")
        x = d.add("add", [x, h])
        h = d.norm(p + "ln_2", x, 1e-5)
        h = d.linear(p + "mlp.c_fc", 48, h, layout="keras")
        h = d.add("gelu", [h], approximate=True)
        h = d.linear(p + "mlp.c_proj", 12, h, layout="keras")
        x = d.add("add", [x, h])
    x = d.norm("transformer.ln_f", x, 1e-5)
    d.add("dense", [x], {"kernel": "transformer.wte.weight"}, units=VOCABULARY)
    d.save()


def llama(name, settings, attention, head_width=4, heads=4, shared=2, **more):
    from transformers import LlamaConfig, LlamaForCausalLM, MistralConfig, MistralForCausalLM
    config, kind = (MistralConfig, MistralForCausalLM) if name == "mistral" else (LlamaConfig, LlamaForCausalLM)
    width = head_width * heads
    model = shaken(kind(config(
        vocab_size=VOCABULARY, hidden_size=width, intermediate_size=20, num_hidden_layers=2,
        num_attention_heads=heads, num_key_value_heads=shared, rms_norm_eps=1e-5, **settings)))
    if name == "mistral":
        model.config._flash_attn_2_enabled = False
    ids = tokens(10)
    record(name, model, ids, model(ids, use_cache=False).logits)
    d = Description(name)
    d.add("input", shape='["?"]')
    x = d.add("embedding", ["l1"], {"embeddings": "model.embed_tokens.weight"}, vocabulary=VOCABULARY, size=width)
    for layer in range(2):
        p = f"model.layers.{layer}."
        h = d.norm(p + "input_layernorm", x, 1e-5, "rmsNormalization")
        q = d.linear(p + "self_attn.q_proj", width, h, False)
        k = d.linear(p + "self_attn.k_proj", head_width * shared, h, False)
        v = d.linear(p + "self_attn.v_proj", head_width * shared, h, False)
        h = d.add("attention", [q, k, v], heads=heads, keyValueHeads=shared, causal=True, **attention)
        h = d.linear(p + "self_attn.o_proj", width, h, False)
        x = d.add("add", [x, h])
        h = d.norm(p + "post_attention_layernorm", x, 1e-5, "rmsNormalization")
        gate = d.add("silu", [d.linear(p + "mlp.gate_proj", 20, h, False)])
        up = d.linear(p + "mlp.up_proj", 20, h, False)
        h = d.linear(p + "mlp.down_proj", width, d.add("multiply", [gate, up]), False)
        x = d.add("add", [x, h])
    x = d.norm("model.norm", x, 1e-5, "rmsNormalization")
    d.linear("lm_head", VOCABULARY, x, False)
    d.save()


def mixtral():
    from transformers import MixtralConfig, MixtralForCausalLM
    model = shaken(MixtralForCausalLM(MixtralConfig(
        vocab_size=VOCABULARY, hidden_size=8, intermediate_size=10, num_hidden_layers=1,
        num_attention_heads=2, num_key_value_heads=1, num_local_experts=4, num_experts_per_tok=2,
        rms_norm_eps=1e-5, rope_theta=1000.0, sliding_window=None)))
    ids = tokens(7)
    record("mixtral", model, ids, model(ids, use_cache=False).logits)
    d = Description("mixtral")
    d.add("input", shape='["?"]')
    x = d.add("embedding", ["l1"], {"embeddings": "model.embed_tokens.weight"}, vocabulary=VOCABULARY, size=8)
    p = "model.layers.0."
    h = d.norm(p + "input_layernorm", x, 1e-5, "rmsNormalization")
    q, k, v = (d.linear(f"{p}self_attn.{n}_proj", u, h, False) for n, u in zip("qkv", (8, 4, 4)))
    h = d.add("attention", [q, k, v], heads=2, keyValueHeads=1, causal=True, rotary="{base: 1000}")
    x = d.add("add", [x, d.linear(p + "self_attn.o_proj", 8, h, False)])
    h = d.norm(p + "post_attention_layernorm", x, 1e-5, "rmsNormalization")
    router = d.linear(p + "block_sparse_moe.gate", 4, h, False)
    gates = d.add("routing", [router], mostExperts=2)
    answers = []
    for expert in range(4):
        e = f"{p}block_sparse_moe.experts.{expert}."
        gate = d.add("silu", [d.linear(e + "w1", 10, h, False)])
        answers.append(d.linear(e + "w2", 8, d.add("multiply", [gate, d.linear(e + "w3", 10, h, False)]), False))
    x = d.add("add", [x, d.add("mixture", [gates] + answers)])
    d.linear("lm_head", VOCABULARY, d.norm("model.norm", x, 1e-5, "rmsNormalization"), False)
    d.save()


def neox():
    from transformers import GPTNeoXConfig, GPTNeoXForCausalLM
    model = shaken(GPTNeoXForCausalLM(GPTNeoXConfig(
        vocab_size=VOCABULARY, hidden_size=16, intermediate_size=24, num_hidden_layers=2,
        num_attention_heads=2, rotary_pct=0.5, max_position_embeddings=16, use_parallel_residual=True)))
    ids = tokens(8)
    record("neox", model, ids, model(ids).logits)
    d = Description("neox")
    d.add("input", shape='["?"]')
    x = d.add("embedding", ["l1"], {"embeddings": "gpt_neox.embed_in.weight"}, vocabulary=VOCABULARY, size=16)
    for layer in range(2):
        p = f"gpt_neox.layers.{layer}."
        h = d.linear(p + "attention.query_key_value", 48, d.norm(p + "input_layernorm", x, 1e-5))
        q, k, v = (d.add("select", [h], start=8 * i, width=8, stride=24, count=2) for i in range(3))
        a = d.add("attention", [q, k, v], heads=2, causal=True, rotary="{width: 4}")
        a = d.linear(p + "attention.dense", 16, a)
        h = d.linear(p + "mlp.dense_h_to_4h", 24, d.norm(p + "post_attention_layernorm", x, 1e-5))
        h = d.linear(p + "mlp.dense_4h_to_h", 16, d.add("gelu", [h]))
        x = d.add("add", [x, a, h])
    d.linear("embed_out", VOCABULARY, d.norm("gpt_neox.final_layer_norm", x, 1e-5), False)
    d.save()


def gptj():
    from transformers import GPTJConfig, GPTJForCausalLM
    model = shaken(GPTJForCausalLM(GPTJConfig(
        vocab_size=VOCABULARY, n_embd=12, n_layer=1, n_head=2, rotary_dim=4, n_positions=16)))
    ids = tokens(8)
    record("gptj", model, ids, model(ids).logits)
    d = Description("gptj")
    d.add("input", shape='["?"]')
    x = d.add("embedding", ["l1"], {"embeddings": "transformer.wte.weight"}, vocabulary=VOCABULARY, size=12)
    p = "transformer.h.0."
    h = d.norm(p + "ln_1", x, 1e-5)
    q, k, v = (d.linear(f"{p}attn.{n}_proj", 12, h, False) for n in "qkv")
    a = d.add("attention", [q, k, v], heads=2, causal=True, rotary="{width: 4, layout: interleaved}")
    a = d.linear(p + "attn.out_proj", 12, a, False)
    h = d.linear(p + "mlp.fc_out", 12, d.add("gelu", [d.linear(p + "mlp.fc_in", 48, h)], approximate=True))
    x = d.add("add", [x, a, h])
    d.linear("lm_head", VOCABULARY, d.norm("transformer.ln_f", x, 1e-5))
    d.save()


def bloom():
    from transformers import BloomConfig, BloomForCausalLM
    model = shaken(BloomForCausalLM(BloomConfig(
        vocab_size=VOCABULARY, hidden_size=12, n_layer=1, n_head=3)))
    ids = tokens(8)
    record("bloom", model, ids, model(ids).logits)
    TENSORS.pop("bloom.lm_head.weight")
    d = Description("bloom")
    d.add("input", shape='["?"]')
    x = d.add("embedding", ["l1"], {"embeddings": "transformer.word_embeddings.weight"}, vocabulary=VOCABULARY, size=12)
    x = d.norm("transformer.word_embeddings_layernorm", x, 1e-5)
    p = "transformer.h.0."
    h = d.linear(p + "self_attention.query_key_value", 36, d.norm(p + "input_layernorm", x, 1e-5))
    q, k, v = (d.add("select", [h], start=4 * i, width=4, stride=12, count=3) for i in range(3))
    a = d.add("attention", [q, k, v], heads=3, causal=True, bias="linear")
    x = d.add("add", [x, d.linear(p + "self_attention.dense", 12, a)])
    h = d.linear(p + "mlp.dense_h_to_4h", 48, d.norm(p + "post_attention_layernorm", x, 1e-5))
    x = d.add("add", [x, d.linear(p + "mlp.dense_4h_to_h", 12, d.add("gelu", [h], approximate=True))])
    x = d.norm("transformer.ln_f", x, 1e-5)
    d.add("dense", [x], {"kernel": "transformer.word_embeddings.weight"}, units=VOCABULARY)
    d.save()


def t5():
    from transformers import T5Config, T5EncoderModel
    model = shaken(T5EncoderModel(T5Config(
        vocab_size=VOCABULARY, d_model=12, d_kv=5, d_ff=16, num_layers=2, num_heads=3,
        relative_attention_num_buckets=8, relative_attention_max_distance=14,
        feed_forward_proj="gated-gelu")))
    ids = tokens(21, 2)
    record("t5", model, ids, model(ids).last_hidden_state)
    TENSORS.pop("t5.encoder.embed_tokens.weight")
    d = Description("t5")
    d.add("input", shape='["?"]')
    x = d.add("embedding", ["l1"], {"embeddings": "shared.weight"}, vocabulary=VOCABULARY, size=12)
    bias = "encoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight"
    for layer in range(2):
        p = f"encoder.block.{layer}.layer."
        h = d.norm(p + "0.layer_norm", x, 1e-6, "rmsNormalization")
        q, k, v = (d.linear(f"{p}0.SelfAttention.{n}", 15, h, False) for n in "qkv")
        h = d.add("attention", [q, k, v], {"positionBias": bias}, heads=3, scale=1,
                  bias="{buckets: 8, longestDistance: 14, bidirectional: true}")
        x = d.add("add", [x, d.linear(p + "0.SelfAttention.o", 12, h, False)])
        h = d.norm(p + "1.layer_norm", x, 1e-6, "rmsNormalization")
        gate = d.add("gelu", [d.linear(p + "1.DenseReluDense.wi_0", 16, h, False)], approximate=True)
        up = d.linear(p + "1.DenseReluDense.wi_1", 16, h, False)
        x = d.add("add", [x, d.linear(p + "1.DenseReluDense.wo", 12, d.add("multiply", [gate, up]), False)])
    d.norm("encoder.final_layer_norm", x, 1e-6, "rmsNormalization")
    d.save()


def bert():
    from transformers import BertConfig, BertModel
    model = shaken(BertModel(BertConfig(
        vocab_size=VOCABULARY, hidden_size=12, num_hidden_layers=1, num_attention_heads=3,
        intermediate_size=20, max_position_embeddings=16)))
    ids = tokens(9)
    record("bert", model, ids, model(ids).pooler_output)
    d = Description("bert")
    d.add("input", shape='["?"]')
    e = "embeddings."
    x = d.add("embedding", ["l1"], {"embeddings": e + "word_embeddings.weight"}, vocabulary=VOCABULARY, size=12)
    x = d.add("tableAddition", [x], {"embeddings": e + "token_type_embeddings.weight"}, oneRow=True)
    x = d.add("tableAddition", [x], {"embeddings": e + "position_embeddings.weight"})
    x = d.norm(e + "LayerNorm", x, 1e-12)
    p = "encoder.layer.0."
    q, k, v = (d.linear(f"{p}attention.self.{n}", 12, x) for n in ("query", "key", "value"))
    h = d.linear(p + "attention.output.dense", 12, d.add("attention", [q, k, v], heads=3))
    x = d.norm(p + "attention.output.LayerNorm", d.add("add", [x, h]), 1e-12)
    h = d.add("gelu", [d.linear(p + "intermediate.dense", 20, x)])
    h = d.linear(p + "output.dense", 12, h)
    x = d.norm(p + "output.LayerNorm", d.add("add", [x, h]), 1e-12)
    d.add("tanh", [d.linear("pooler.dense", 12, d.add("steps", [x], first=0))])
    d.save()


def vit():
    from transformers import ViTConfig, ViTForImageClassification
    model = shaken(ViTForImageClassification(ViTConfig(
        hidden_size=12, num_hidden_layers=1, num_attention_heads=3, intermediate_size=20,
        image_size=12, patch_size=4, num_labels=5)))
    images = torch.randn(3, 3, 12, 12).float().double()
    record("vit", model, images.permute(0, 2, 3, 1), model(images).logits)
    d = Description("vit")
    d.add("input", shape="[12, 12, 3]")
    e = "vit.embeddings."
    x = d.add("conv2d", ["l1"], {"kernel": e + "patch_embeddings.projection.weight",
              "bias": e + "patch_embeddings.projection.bias"}, filters=12, kernel=4, stride=4)
    x = d.add("reshape", [x], shape="[9, 12]")
    x = d.add("prepend", [x], {"embeddings": e + "cls_token"})
    x = d.add("tableAddition", [x], {"embeddings": e + "position_embeddings"})
    p = "vit.encoder.layer.0."
    h = d.norm(p + "layernorm_before", x, 1e-12)
    q, k, v = (d.linear(f"{p}attention.attention.{n}", 12, h) for n in ("query", "key", "value"))
    h = d.linear(p + "attention.output.dense", 12, d.add("attention", [q, k, v], heads=3))
    x = d.add("add", [x, h])
    h = d.linear(p + "intermediate.dense", 20, d.norm(p + "layernorm_after", x, 1e-12))
    x = d.add("add", [x, d.linear(p + "output.dense", 12, d.add("gelu", [h]))])
    x = d.norm("vit.layernorm", x, 1e-12)
    d.linear("classifier", 5, d.add("steps", [x], first=0))
    d.save()


def swin():
    from transformers import SwinConfig, SwinForImageClassification
    model = shaken(SwinForImageClassification(SwinConfig(
        image_size=16, patch_size=2, embed_dim=6, depths=[2, 2], num_heads=[1, 2], window_size=4,
        mlp_ratio=2.0, num_labels=4)))
    images = torch.randn(2, 3, 16, 16).float().double()
    record("swin", model, images.permute(0, 2, 3, 1), model(images).logits)
    d = Description("swin")
    d.add("input", shape="[16, 16, 3]")
    e = "swin.embeddings."
    x = d.add("conv2d", ["l1"], {"kernel": e + "patch_embeddings.projection.weight",
              "bias": e + "patch_embeddings.projection.bias"}, filters=6, kernel=2, stride=2)
    x = d.norm(e + "norm", x, 1e-5)
    for stage, (width, heads) in enumerate([(6, 1), (12, 2)]):
        for block in range(2):
            p = f"swin.encoder.layers.{stage}.blocks.{block}."
            h = d.norm(p + "layernorm_before", x, 1e-5)
            q, k, v = (d.linear(f"{p}attention.self.{n}", width, h) for n in ("query", "key", "value"))
            h = d.add("attention", [q, k, v],
                      {"positionBias": p + "attention.self.relative_position_bias_table"},
                      heads=heads, bias="window", windows=f"{{size: 4, shift: {2 * block}}}")
            x = d.add("add", [x, d.linear(p + "attention.output.dense", width, h)])
            h = d.linear(p + "intermediate.dense", 2 * width, d.norm(p + "layernorm_after", x, 1e-5))
            x = d.add("add", [x, d.linear(p + "output.dense", width, d.add("gelu", [h]))])
        if stage == 0:
            p = "swin.encoder.layers.0.downsample."
            x = d.norm(p + "norm", d.add("spaceToDepth", [x], size=2, columnFirst=True), 1e-5)
            x = d.linear(p + "reduction", 12, x, False)
    x = d.norm("swin.layernorm", x, 1e-5)
    d.linear("classifier", 4, d.add("globalAveragePooling", [x]))
    d.save()


def mamba():
    """Not in this version of transformers: the block of Gu and Dao (2023) in torch, step by step."""
    width, inner, states, rank, steps = 6, 10, 4, 3, 11
    layers = nn.ModuleDict({
        "in_proj": nn.Linear(width, 2 * inner, bias=False),
        "conv1d": nn.Conv1d(inner, inner, 3, groups=inner, padding=2),
        "x_proj": nn.Linear(inner, rank + 2 * states, bias=False),
        "dt_proj": nn.Linear(rank, inner), "out_proj": nn.Linear(inner, width, bias=False)})
    layers = shaken(layers)
    rates = torch.randn(inner, states).float().double()
    skip = torch.randn(inner).float().double()
    source = torch.randn(3, steps, width).float().double()
    x, z = layers["in_proj"](source).chunk(2, dim=-1)
    x = layers["conv1d"](x.transpose(1, 2))[..., :steps].transpose(1, 2)
    x = nn.functional.silu(x)
    dt, b, c = layers["x_proj"](x).split([rank, states, states], dim=-1)
    dt = nn.functional.softplus(layers["dt_proj"](dt))
    state, rows = torch.zeros(3, inner, states).double(), []
    for t in range(steps):
        state = torch.exp(dt[:, t, :, None] * -torch.exp(rates)) * state \
            + dt[:, t, :, None] * b[:, t, None, :] * x[:, t, :, None]
        rows.append((state * c[:, t, None, :]).sum(-1) + skip * x[:, t])
    y = layers["out_proj"](torch.stack(rows, 1) * nn.functional.silu(z))
    record("mamba", layers, source, y)
    TENSORS["mamba.A_log"], TENSORS["mamba.D"] = rates.float().numpy(), skip.float().numpy()
    d = Description("mamba")
    d.add("input", shape='["?", 6]')
    h = d.linear("in_proj", 20, "l1", False)
    x, z = d.add("select", [h], start=0, width=10), d.add("select", [h], start=10, width=10)
    x = d.add("conv1d", [x], {"kernel": "conv1d.weight", "bias": "conv1d.bias"}, filters=10, kernel=3,
              groups=10, padding="causal")
    x = d.add("silu", [x])
    h = d.linear("x_proj", 11, x, False)
    dt, b, c = (d.add("select", [h], start=s, width=w) for s, w in ((0, 3), (3, 4), (7, 4)))
    dt = d.add("softplus", [d.linear("dt_proj", 10, dt)])
    y = d.add("selectiveScan", [x, dt, b, c], {"stateDecay": "A_log", "skipGain": "D"})
    d.linear("out_proj", 6, d.add("multiply", [y, d.add("silu", [z])]), False)
    d.save()


def torch_blocks():
    """PyTorch's own layers: attention between two inputs' projections, group norm, PReLU."""
    block = nn.ModuleDict({
        "attention": nn.MultiheadAttention(8, 2, batch_first=True), "norm": nn.GroupNorm(4, 8),
        "prelu": nn.PReLU(8), "one": nn.PReLU()})
    block = shaken(block)
    source = torch.randn(3, 6, 8).float().double()
    y, _ = block["attention"](source, source, source, need_weights=False)
    y = block["one"](block["prelu"](block["norm"](y.transpose(1, 2)))).transpose(1, 2)
    record("blocks", block, source, y)
    d = Description("blocks")
    d.add("input", shape="[6, 8]")
    h = d.add("dense", ["l1"], {"kernel": "attention.in_proj_weight", "bias": "attention.in_proj_bias"},
              units=24, layout="pytorch")
    q, k, v = (d.add("select", [h], start=8 * i, width=8) for i in range(3))
    h = d.linear("attention.out_proj", 8, d.add("attention", [q, k, v], heads=2))
    h = d.norm("norm", h, 1e-5, "groupNormalization", groups=4)
    h = d.add("parametricRelu", [h], {"slope": "prelu.weight"})
    d.add("parametricRelu", [h], {"slope": "one.weight"})
    d.save()


def main():
    os.makedirs(HERE, exist_ok=True)
    torch.manual_seed(19)
    torch.set_default_dtype(torch.float64)
    gpt2()
    llama("llama", {}, {"rotary": "{base: 10000}"})
    llama("llama_linear", {"rope_scaling": {"type": "linear", "factor": 4.0}},
          {"rotary": "{scaling: {factor: 4}}"}, heads=2, shared=1)
    llama("mistral", {"sliding_window": 4, "rope_theta": 500.0}, {"reach": 4, "rotary": "{base: 500}"})
    for make in (mixtral, neox, gptj, bloom, t5, bert, vit, swin, mamba, torch_blocks):
        make()
    save_file(TENSORS, os.path.join(HERE, "weights.safetensors"))
    save_file(ANSWERS, os.path.join(HERE, "answers.safetensors"))


main()
