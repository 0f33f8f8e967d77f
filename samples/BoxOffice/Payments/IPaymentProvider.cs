namespace BoxOffice.Payments;

/// <summary>
/// The company that takes the money. It knows a request by its key: the same one again is answered as the first time, and not
/// carried out again.
/// </summary>
public interface IPaymentProvider
{
    /// <summary>Asks a guest to pay; later the provider tells of the payment, or never.</summary>
    /// <exception cref="PaymentProviderException">No answer came. The request may have been carried out or not.</exception>
    Task RequestPaymentAsync(PaymentRequest request, string idempotencyKey, CancellationToken cancellationToken);

    /// <summary>Gives a payment back.</summary>
    /// <exception cref="PaymentProviderException">No answer came. The payment may have been given back or not.</exception>
    Task RefundAsync(string payment, string idempotencyKey, CancellationToken cancellationToken);
}
