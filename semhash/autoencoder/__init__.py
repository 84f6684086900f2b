"""The model family: what learns the codes.

`semhash.autoencoder.encoder` is the forward pass in numpy, all that a query needs;
`semhash.autoencoder.network` and `semhash.autoencoder.training` need torch. Import them by name: this
package imports none of them, so that a query does not load torch.
"""
