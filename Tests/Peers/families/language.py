"""Language models of Hugging Face."""
import torch
import transformers as hf
from cases import Case, case, hidden, ids_run, spread, tokens

V = 61


def gpt2(kind=hf.GPT2LMHeadModel, run=ids_run(), **changes):
    settings = dict(vocab_size=V, n_positions=32, n_embd=16, n_layer=2, n_head=4, pad_token_id=0)
    settings.update(changes)
    return Case(spread(kind(hf.GPT2Config(**settings))), tokens(V), run)


@case
def gpt2_lm():
    return gpt2()


@case
def gpt2_body():
    return gpt2(hf.GPT2Model, ids_run(hidden))


@case
def gpt2_relu_untied():
    return gpt2(activation_function="relu", tie_word_embeddings=False)


@case
def gpt2_scaled_by_layer():
    return gpt2(scale_attn_by_inverse_layer_idx=True, n_inner=24)


@case
def gpt2_classifier():
    return gpt2(hf.GPT2ForSequenceClassification, num_labels=3)


@case
def gpt2_torch_half():
    result = gpt2()
    result.save, result.dtype = "bin", torch.float16
    return result


def llama(kind=hf.LlamaForCausalLM, config=hf.LlamaConfig, run=ids_run(), **changes):
    settings = dict(
        vocab_size=V, hidden_size=16, intermediate_size=24, num_hidden_layers=2,
        num_attention_heads=4, num_key_value_heads=2, max_position_embeddings=64)
    settings.update(changes)
    return Case(spread(kind(config(**settings))), tokens(V), run)


@case
def llama_lm():
    return llama()


@case
def llama_body():
    return llama(hf.LlamaModel, run=ids_run(hidden))


@case
def llama_tied():
    return llama(tie_word_embeddings=True)


@case
def llama_bias_linear_scaling():
    return llama(attention_bias=True, rope_scaling={"type": "linear", "factor": 2.0})


@case
def llama_all_heads_sharded():
    result = llama(num_key_value_heads=4)
    result.save = "sharded"
    return result


@case
def llama_bf16():
    result = llama()
    result.dtype = torch.bfloat16
    return result


@case
def llama_classifier():
    return llama(hf.LlamaForSequenceClassification, num_labels=3, pad_token_id=0)


@case
def mistral_lm():
    return llama(hf.MistralForCausalLM, hf.MistralConfig, sliding_window=4)
