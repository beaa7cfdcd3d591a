"""Writes expanded.pt: a tensor of shape [3, 2^28] whose elements are all one stored element, as PyTorch
saves what `expand` made. Run with torch 1.13; the file has some hundred bytes.
"""
import torch

torch.save({"w": torch.zeros(8, dtype=torch.float16)[:1].expand(3, 1 << 28)}, "expanded.pt")
