"""A prompt-tuned model that is fed step by step: its trained vectors go in once, before the first tokens."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch
    from peft import PeftModel


class Prompted:
    """Stands for a model in calls with `input_ids`, `attention_mask`, `position_ids` and `past_key_values`.

    peft itself would put the vectors before every piece of the input, and drop the positions.
    """

    def __init__(self, model: "PeftModel") -> None:
        self.inner = model.get_base_model()
        self.config, self.device = model.config, model.device
        # (virtual tokens, width)
        self.vectors = model.get_prompt(batch_size=1)[0].detach()

    def __call__(
        self,
        input_ids: "torch.Tensor",
        attention_mask: "torch.Tensor",
        position_ids: "torch.Tensor",
        past_key_values: Any = None,
        **options: Any,
    ) -> Any:
        import torch

        rows, length = input_ids.shape[0], len(self.vectors)
        mask = torch.cat([attention_mask.new_ones(rows, length), attention_mask], dim=1)
        given = {"attention_mask": mask, "past_key_values": past_key_values, **options}
        if past_key_values is not None and past_key_values.get_seq_length() > 0:
            return self.inner(input_ids=input_ids, position_ids=position_ids + length, **given)
        embedded = self.inner.get_input_embeddings()(input_ids)
        embedded = torch.cat([self.vectors.to(embedded.dtype).expand(rows, -1, -1), embedded], dim=1)
        first = torch.arange(length, device=input_ids.device).expand(rows, -1)
        positions = torch.cat([first, position_ids + length], dim=1)
        return self.inner(inputs_embeds=embedded, position_ids=positions, **given)
