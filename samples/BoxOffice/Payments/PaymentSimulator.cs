using System.Globalization;
using BoxOffice.Demo;

namespace BoxOffice.Payments;

/// <summary>
/// Stands for the provider: its memory of what it was asked, which outlives our processes, the guests who pay there, and answers
/// that get lost.
/// </summary>
public sealed class PaymentSimulator(Timeline timeline) : IPaymentProvider
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, PaymentRequest> requests = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> refunds = new(StringComparer.Ordinal);
    private readonly Dictionary<string, PaymentRequest> payments = new(StringComparer.Ordinal);
    private readonly Dictionary<Guid, Func<CancellationToken, Task>> mishaps = [];
    private readonly List<string> calls = [];

    /// <summary>The keys of all calls in order, those that came again too.</summary>
    public IReadOnlyList<string> Calls => Locked(() => calls.ToList());

    /// <summary>What guests were asked to pay.</summary>
    public IReadOnlyList<PaymentRequest> Requests => Locked(() => requests.Values.ToList());

    /// <summary>The payments that were given back.</summary>
    public IReadOnlyList<string> Refunds => Locked(() => refunds.Values.ToList());

    /// <summary>Something that happens, once, after a request has been carried out and before we have the answer.</summary>
    /// <param name="booking">Whose request.</param>
    /// <param name="happens">What happens; by default the answer gets lost.</param>
    public void PrepareMishap(Guid booking, Func<CancellationToken, Task>? happens = null) => _ = Locked(() =>
        mishaps[booking] = happens ?? (_ => throw new PaymentProviderException("The payment provider did not answer.")));

    /// <summary>Completes when a guest has been asked to pay.</summary>
    public async Task UntilAskedAsync(Guid booking, CancellationToken cancellationToken)
    {
        while (Requests.All(asked => asked.Booking != booking))
        {
            await Task.Delay(10, cancellationToken);
        }
    }

    /// <summary>A guest who was asked to pay does so.</summary>
    /// <returns>The provider's name for the payment, of which it tells us by a call.</returns>
    /// <exception cref="InvalidOperationException">Nobody was asked to pay for this booking.</exception>
    public string Pay(Guid booking) => Locked(() =>
    {
        var request = requests.Values.First(asked => asked.Booking == booking);
        var payment = string.Create(CultureInfo.InvariantCulture, $"{booking}/{payments.Count + 1}");
        payments.Add(payment, request);
        timeline.Write(request.Seat, "guest", $"{request.Guest} pays {Timeline.Money(request.Amount)}");
        return payment;
    });

    /// <inheritdoc/>
    public Task RequestPaymentAsync(PaymentRequest request, string idempotencyKey, CancellationToken cancellationToken)
    {
        var isNew = Locked(() => requests.TryAdd(idempotencyKey, request));
        var what = isNew ? $"asks {request.Guest} to pay {Timeline.Money(request.Amount)}" : $"has asked {request.Guest} before, says the key";
        return AnswerAsync(request, what, idempotencyKey, cancellationToken);
    }

    /// <inheritdoc/>
    public Task RefundAsync(string payment, string idempotencyKey, CancellationToken cancellationToken)
    {
        var (isNew, paid) = Locked(() => (refunds.TryAdd(idempotencyKey, payment), payments[payment]));
        var what = isNew ? $"gives {Timeline.Money(paid.Amount)} back to {paid.Guest}" : $"has given it back to {paid.Guest} before, says the key";
        return AnswerAsync(paid, what, idempotencyKey, cancellationToken);
    }

    private Task AnswerAsync(PaymentRequest request, string what, string idempotencyKey, CancellationToken cancellationToken)
    {
        var mishap = Locked(() =>
        {
            calls.Add(idempotencyKey);
            return mishaps.Remove(request.Booking, out var happens) ? happens : null;
        });
        timeline.Write(request.Seat, "provider", mishap is null ? what : $"{what}; the answer gets lost");
        return mishap?.Invoke(cancellationToken) ?? Task.CompletedTask;
    }

    private T Locked<T>(Func<T> act)
    {
        lock (gate)
        {
            return act();
        }
    }
}
