"""Vision models of Hugging Face, timm and torchvision."""
import dataclasses

import timm
import torch
import torchvision
import transformers as hf
from cases import Case, case, hidden, image, pixels_run, plain_image, spread
from text import add

BODY = pixels_run(hidden)


def vit(kind=hf.ViTForImageClassification, config=hf.ViTConfig, run=pixels_run(), **changes):
    settings = dict(hidden_size=16, num_hidden_layers=2, num_attention_heads=4,
                    intermediate_size=24, image_size=12, patch_size=4, num_labels=3)
    settings.update(changes)
    return Case(spread(kind(config(**settings))), image(12), run)


add("vit_hf_classifier", vit)
add("vit_hf_body", lambda: vit(hf.ViTModel, run=BODY))
add("vit_hf_without_bias", lambda: vit(qkv_bias=False, hidden_act="relu"))
add("vit_hf_bf16", lambda: vit(), dtype=torch.bfloat16)
add("deit_hf_body", lambda: vit(hf.DeiTModel, hf.DeiTConfig, BODY))
add("deit_hf_classifier", lambda: vit(hf.DeiTForImageClassification, hf.DeiTConfig))
add("deit_hf_teacher", lambda: vit(hf.DeiTForImageClassificationWithTeacher, hf.DeiTConfig))


def clip_vision(**changes):
    settings = dict(hidden_size=16, intermediate_size=24, num_hidden_layers=2, projection_dim=8,
                    num_attention_heads=4, image_size=12, patch_size=4)
    settings.update(changes)
    return hf.CLIPVisionConfig(**settings)


add("clip_vision", lambda: Case(
    spread(hf.CLIPVisionModel(clip_vision())), image(12), BODY))
add("clip_vision_projection", lambda: Case(
    spread(hf.CLIPVisionModelWithProjection(clip_vision())), image(12),
    pixels_run(lambda result: result.image_embeds)))


def clip():
    text = dict(vocab_size=61, hidden_size=16, intermediate_size=24, num_hidden_layers=2,
                num_attention_heads=4, max_position_embeddings=40)
    return hf.CLIPModel(hf.CLIPConfig(
        text_config=text, vision_config=clip_vision().to_dict(), projection_dim=8))


add("clip_both_towers", lambda: Case(
    spread(clip()), image(12),
    lambda model, x: model.get_image_features(
        torch.tensor(x).permute(2, 0, 1)[None])[0].detach().numpy(),
    runs=False, note="two outputs"))


def swin_hf(kind=hf.SwinForImageClassification, run=pixels_run(), **changes):
    settings = dict(image_size=32, patch_size=2, embed_dim=8, depths=[2, 2], num_heads=[2, 4],
                    window_size=4, num_labels=3)
    settings.update(changes)
    return Case(spread(kind(hf.SwinConfig(**settings))), image(32), run)


add("swin_hf_classifier", swin_hf)
add("swin_hf_body", lambda: swin_hf(hf.SwinModel, BODY))


def convnext_hf(kind=hf.ConvNextForImageClassification, run=pixels_run()):
    return Case(spread(kind(hf.ConvNextConfig(
        hidden_sizes=[8, 12], depths=[1, 2], num_stages=2, patch_size=4, num_labels=3))),
        image(32), run)


add("convnext_hf_classifier", convnext_hf)
add("convnext_hf_body", lambda: convnext_hf(
    hf.ConvNextModel, pixels_run(lambda r: r.last_hidden_state.permute(0, 2, 3, 1))))


def of_timm(name, size, heads=None, save="safetensors", **settings):
    model = timm.create_model(name, pretrained=False, num_classes=3, **settings)
    options = ("--assume", f"heads={heads}") if heads else ()
    return Case(spread(model), image(size), plain_image, save=save, options=options)


VIT = dict(img_size=12, patch_size=4, embed_dim=16, depth=2, num_heads=4)
add("vit_timm", lambda: of_timm("vit_tiny_patch16_224", 12, 4, **VIT))
add("vit_timm_torch", lambda: of_timm("vit_tiny_patch16_224", 12, 4, save="torch", **VIT))
add("vit_timm_mean", lambda: of_timm("vit_tiny_patch16_224", 12, 4, global_pool="avg", **VIT))
add("vit_timm_mean_no_class_token", lambda: of_timm(
    "vit_tiny_patch16_224", 12, 4, global_pool="avg", class_token=False, **VIT))
add("vit_timm_registers_scales", lambda: of_timm(
    "vit_tiny_patch16_224", 12, 4, reg_tokens=2, init_values=0.1, no_embed_class=True, **VIT))
add("vit_timm_clip_like", lambda: of_timm(
    "vit_tiny_patch16_224", 12, 4, pre_norm=True, qkv_bias=False, **VIT))
add("deit_timm", lambda: of_timm("deit_tiny_patch16_224", 12, 4, **VIT))
add("deit_timm_distilled", lambda: of_timm("deit_tiny_distilled_patch16_224", 12, 4, **VIT))
add("deit3_timm", lambda: of_timm("deit3_small_patch16_224", 12, 4, **VIT))
add("swin_timm", lambda: of_timm(
    "swin_tiny_patch4_window7_224", 32, img_size=32, patch_size=2, window_size=4, embed_dim=8,
    depths=(2, 2), num_heads=(2, 4)), runs=False, note="the size of images is said nowhere")
CONVNEXT = dict(num_classes=3, depths=(1, 2, 1, 1), dims=(8, 12, 16, 20))
MIXER = dict(num_classes=3, img_size=16, patch_size=4, num_blocks=2, embed_dim=16)


def made(model, size):
    return Case(spread(model), image(size), plain_image, save="safetensors")


add("convnext_timm", lambda: made(timm.models.convnext.ConvNeXt(**CONVNEXT), 64))
add("convnext_timm_conv_mlp", lambda: made(
    timm.models.convnext.ConvNeXt(conv_mlp=True, **CONVNEXT), 64))
add("mixer_timm", lambda: made(timm.models.mlp_mixer.MlpMixer(**MIXER), 16))
add("resmlp_timm", lambda: made(timm.models.mlp_mixer.MlpMixer(
    block_layer=timm.models.mlp_mixer.ResBlock, norm_layer=timm.models.mlp_mixer.Affine,
    mlp_ratio=4, **MIXER), 16))


def of_torchvision(model, size, heads=None, runs=True, **fields):
    options = ("--assume", f"heads={heads}") if heads else ()
    return Case(spread(model), image(size), plain_image, save="torch", options=options, runs=runs,
                **fields)


add("vit_torchvision", lambda: of_torchvision(
    torchvision.models.VisionTransformer(
        image_size=12, patch_size=4, num_layers=2, num_heads=4, hidden_dim=16, mlp_dim=24,
        num_classes=3), 12, 4))
add("vit_torchvision_no_heads", lambda: of_torchvision(
    torchvision.models.VisionTransformer(
        image_size=12, patch_size=4, num_layers=2, num_heads=4, hidden_dim=16, mlp_dim=24,
        num_classes=3), 12, runs=False, note="heads not known"))
add("swin_torchvision", lambda: of_torchvision(
    torchvision.models.SwinTransformer(
        patch_size=[2, 2], embed_dim=8, depths=[2, 2], num_heads=[2, 4], window_size=[4, 4],
        num_classes=3), 32, runs=False, note="the size of images is said nowhere"))
add("convnext_torchvision", lambda: of_torchvision(
    torchvision.models.ConvNeXt(
        [torchvision.models.convnext.CNBlockConfig(8, 12, 1),
         torchvision.models.convnext.CNBlockConfig(12, None, 2)], num_classes=3), 32))
