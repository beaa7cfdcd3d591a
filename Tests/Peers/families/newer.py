"""Families that came after version 4.36 of transformers; read where a newer one is installed."""
import torch
import transformers as hf

if not hasattr(hf, "Qwen3Config"):
    raise ModuleNotFoundError("transformers is too old for these", name="newer")

from cases import Case, hidden, ids_run, spread, tokens
from language import V, llama
from text import add

BODY = ids_run(hidden)
add("qwen2_lm", lambda: llama(hf.Qwen2ForCausalLM, hf.Qwen2Config))
add("qwen2_tied_classifier", lambda: llama(
    hf.Qwen2ForSequenceClassification, hf.Qwen2Config, pad_token_id=0, num_labels=3))
add("qwen3_lm", lambda: llama(hf.Qwen3ForCausalLM, hf.Qwen3Config, head_dim=8))
add("qwen3_tied", lambda: llama(
    hf.Qwen3ForCausalLM, hf.Qwen3Config, head_dim=4, tie_word_embeddings=True))
add("llama3_scaled", lambda: llama(rope_theta=500000.0, rope_scaling={
    "rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
    "original_max_position_embeddings": 32}))
add("gemma_lm", lambda: llama(hf.GemmaForCausalLM, hf.GemmaConfig, head_dim=4))
add("gemma2_lm", lambda: llama(
    hf.Gemma2ForCausalLM, hf.Gemma2Config, head_dim=4, sliding_window=4, query_pre_attn_scalar=8,
    attn_implementation="eager"))
add("gemma2_body", lambda: llama(
    hf.Gemma2Model, hf.Gemma2Config, BODY, head_dim=4, sliding_window=4,
    attn_implementation="eager"))
add("gemma3_lm", lambda: llama(
    hf.Gemma3ForCausalLM, hf.Gemma3TextConfig, head_dim=4, sliding_window=4,
    sliding_window_pattern=2, num_hidden_layers=4))


def mamba(kind=hf.MambaForCausalLM, run=ids_run(), **changes):
    settings = dict(vocab_size=V, hidden_size=16, state_size=4, num_hidden_layers=2, expand=2,
                    conv_kernel=4, time_step_rank=3)
    settings.update(changes)
    return Case(spread(kind(hf.MambaConfig(**settings))), tokens(V), run)


add("mamba_lm", mamba)
add("mamba_body", lambda: mamba(hf.MambaModel, BODY))
add("phi_newer", lambda: Case(spread(hf.PhiForCausalLM(hf.PhiConfig(
    vocab_size=V, hidden_size=32, num_hidden_layers=2, num_attention_heads=4,
    num_key_value_heads=2, intermediate_size=48, max_position_embeddings=64))), tokens(V),
    ids_run()))
add("mistral_newer", lambda: llama(
    hf.MistralForCausalLM, hf.MistralConfig, head_dim=6, sliding_window=None))
