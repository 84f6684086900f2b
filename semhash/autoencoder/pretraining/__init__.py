"""Where a network's weights start: layers trained one by one, from the bottom up, and unrolled.

``starting_weights`` goes from the configuration to the network; ``stack`` trains the layers in their turn. A layer
is a restricted Boltzmann machine (``rbm``, ``contrastive_divergence``), a denoising autoencoder
(``shallow_autoencoder``), a loop (``recirculation``), or the predictor of a sparse decomposition
(``sparse_coding``, ``sparse_decomposition``, ``predictive_layers``).
"""
