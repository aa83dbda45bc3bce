"""Losses, each the mean over the batch."""
import torch
import torch.nn.functional as F

from case import BATCH, draw, loss


def cases():
    labels = torch.tensor([2, 0, 4])
    tags = torch.tensor([[2, 0], [4, 4], [1, 3]])
    logits, sequence = draw(BATCH, 5), draw(BATCH, 2, 5)
    log_probabilities = F.log_softmax(draw(BATCH, 5), dim=-1)
    probabilities = F.softmax(draw(BATCH, 5), dim=-1)
    distribution = F.softmax(draw(BATCH, 5), dim=-1)
    y, expected = draw(BATCH, 2, 3), draw(BATCH, 2, 3)
    share = torch.rand(BATCH, 4)
    clipped = probabilities.clone()
    clipped[1, 0] = 0

    def smoothed(y, t):
        return F.cross_entropy(y, t, label_smoothing=0.1)

    def clip(y, t):
        return -torch.log(y.clamp(1e-3, 1 - 1e-3).gather(1, t[:, None])).mean()

    return [
        loss('CrossEntropy', 'CrossEntropy', logits, labels, 'class(5)', F.cross_entropy),
        loss('CrossEntropy smoothing', 'CrossEntropy(smoothing = 0.1)', logits, labels, 'class(5)', smoothed),
        loss('CrossEntropy of a sequence', 'CrossEntropy', sequence, tags, 'class(5)[2]',
             lambda y, t: F.cross_entropy(y.transpose(1, 2), t)),
        loss('CrossEntropy of large logits', 'CrossEntropy', 300 * logits, labels, 'class(5)', F.cross_entropy),
        loss('NLL', 'NLL', log_probabilities, labels, 'class(5)', F.nll_loss),
        loss('NLLProb', 'NLLProb', probabilities, labels, 'class(5)',
             lambda y, t: -torch.log(y.gather(1, t[:, None])).mean()),
        loss('NLLProb clipped', 'NLLProb(eps = 1e-3)', clipped, labels, 'class(5)', clip),
        loss('MSE', 'MSE', y, expected, None, F.mse_loss),
        loss('MSE reduce = sum', 'MSE(reduce = sum)', y, expected, None,
             lambda y, t: F.mse_loss(y, t, reduction='sum') / BATCH),
        loss('MAE', 'MAE', y, expected, None, F.l1_loss),
        loss('MAE reduce = sum', 'MAE(reduce = sum)', y, expected, None,
             lambda y, t: F.l1_loss(y, t, reduction='sum') / BATCH),
        loss('Huber', 'Huber', y, expected, None, F.huber_loss),
        loss('Huber delta', 'Huber(delta = 0.4)', y, expected, None, lambda y, t: F.huber_loss(y, t, delta=0.4)),
        loss('BinaryCrossEntropy', 'BinaryCrossEntropy', draw(BATCH, 4, low=-4, high=4), share, None,
             F.binary_cross_entropy_with_logits),
        loss('KLDivergence', 'KLDivergence', log_probabilities, distribution, None,
             lambda y, t: F.kl_div(y, t, reduction='batchmean')),
        # PyTorch divides the sum over the classes by their number.
        loss('Hinge', 'Hinge', logits, labels, 'class(5)', lambda y, t: 5 * F.multi_margin_loss(y, t)),
        loss('Hinge margin', 'Hinge(margin = 0.3)', logits, labels, 'class(5)',
             lambda y, t: 5 * F.multi_margin_loss(y, t, margin=0.3)),
    ]
