"""The translator in torch, under the same parameter names as the recorded one: training and gradients."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from models.translation.configuration import TranslatorConfig
from models.translation.initialisation import initial_parameters


@dataclass(frozen=True)
class Encoding:
    """What the decoder gets from the encoder: all states, which of them are padding, and the final pair."""

    states: Tensor  # (B, S, H)
    is_padding: Tensor  # (B, S)
    final: tuple[Tensor, Tensor]  # hidden and cell state, (layers, B, H)


class TranslatorNetwork(nn.Module):
    """LSTM encoder and decoder (Sutskever et al. 2014) with global attention (Luong et al. 2015, 3.1).

    Three choices keep later sums exact: the encoder reads in one direction and hands its final
    states over unchanged, the readout of hidden state and context is linear, and it is tied to
    the target embedding (Press & Wolf 2017) through a linear map.
    """

    def __init__(self, config: TranslatorConfig) -> None:
        super().__init__()
        E, H = config.embedding_size, config.hidden_size
        self.config = config
        self.source_embedding = nn.Embedding(config.source_vocabulary_size, E)
        self.target_embedding = nn.Embedding(config.target_vocabulary_size, E)
        self.encoder = nn.LSTM(E, H, config.layers, batch_first=True)
        self.decoder = nn.LSTM(E, H, config.layers, batch_first=True)
        self.attention = nn.Linear(H, H, bias=False)
        self.readout_hidden = nn.Linear(H, E, bias=False)
        self.readout_context = nn.Linear(H, E, bias=False)
        self.output_bias = nn.Parameter(torch.zeros(config.target_vocabulary_size))
        self.dropout = nn.Dropout(config.dropout)

    @classmethod
    def untrained(cls, config: TranslatorConfig, seed: int) -> "TranslatorNetwork":
        """A network at the weights that every training with this seed starts from."""
        network = cls(config)
        parameters = initial_parameters(config, seed)
        network.load_state_dict({name: torch.from_numpy(values) for name, values in parameters.items()})
        return network

    def encode(self, source: Tensor, lengths: Tensor) -> Encoding:
        """Read (B, S) token numbers, of which sentence b has ``lengths[b]``."""
        embedded = self.dropout(self.source_embedding(source))
        is_padding = torch.arange(source.shape[1]) >= lengths[:, None]
        if not is_padding.any():  # the fused path; training batches are cut to be so
            states, final = self.encoder(embedded)
            return Encoding(states, is_padding, final)
        packed = nn.utils.rnn.pack_padded_sequence(embedded, lengths, batch_first=True, enforce_sorted=False)
        states, final = self.encoder(packed)
        states, _ = nn.utils.rnn.pad_packed_sequence(states, batch_first=True, total_length=source.shape[1])
        return Encoding(states, is_padding, final)

    def decode(
        self, encoding: Encoding, target_read: Tensor, state: tuple[Tensor, Tensor]
    ) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        """Read (B, T) target tokens from ``state`` on.

        Returns:
            logits for the tokens that follow, (B, T, target vocabulary), and the state after the last.
        """
        hidden, state = self.decoder(self.dropout(self.target_embedding(target_read)), state)
        context, _ = self.attend(hidden, encoding)
        return self.predict(hidden, context), state

    def predict(self, hidden: Tensor, context: Tensor) -> Tensor:
        """Logits, (B, T, target vocabulary), from the decoder's states and their contexts."""
        readout = self.readout_hidden(self.dropout(hidden)) + self.readout_context(self.dropout(context))
        return nn.functional.linear(readout, self.target_embedding.weight, self.output_bias)

    def attend(self, hidden: Tensor, encoding: Encoding) -> tuple[Tensor, Tensor]:
        """Blend source states for each decoder state (Luong et al. 2015, "general" score).

        Returns:
            context, (B, T, H), and weights, (B, T, S): rows sum to 1 and are exactly 0 on padding.
        """
        scores = self.attention(hidden) @ encoding.states.transpose(1, 2)
        weights = scores.masked_fill(encoding.is_padding[:, None], -torch.inf).softmax(dim=-1)
        return weights @ encoding.states, weights

    def forward(self, source: Tensor, lengths: Tensor, target_read: Tensor) -> Tensor:
        """Logits under teacher forcing, (B, T, target vocabulary)."""
        encoding = self.encode(source, lengths)
        return self.decode(encoding, target_read, encoding.final)[0]
