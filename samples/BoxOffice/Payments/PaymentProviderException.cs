namespace BoxOffice.Payments;

/// <summary>The provider did not answer; it will when it is asked again.</summary>
public sealed class PaymentProviderException(string message) : Exception(message);
