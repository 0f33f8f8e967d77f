namespace EventSourcing.Conformance;

[PersonalData]
internal sealed record HomeAddress(string Street, int Number);

[EventType("customer-registered")]
internal sealed record CustomerRegistered(
    [property: DataSubject] string CustomerId, [property: PersonalData] string Name, HomeAddress? Home, string Country);

[EventType("customer-visited")]
internal sealed record CustomerVisited(string CustomerId);

[EventType("payment-made")]
internal sealed record PaymentMade(
    [property: DataSubject] string Payer,
    string Payee,
    [property: PersonalData] string PayerAccount,
    [property: PersonalData(Subject = nameof(PaymentMade.Payee))] string PayeeAccount,
    decimal Amount);

/// <summary>Kept as JSON, it is encrypted, too.</summary>
internal sealed record CustomerCard([property: DataSubject] string CustomerId, [property: PersonalData] string Name, int Visits);

/// <summary>Kept as JSON, it is plain text.</summary>
internal sealed record CustomerLabel(string Text, int Visits);

internal sealed class CustomerCards : ViewProjection<CustomerCard>
{
    public CustomerCards()
        : base("cards")
    {
        On<CustomerRegistered>((registered, _) => registered.CustomerId, (_, registered, _) => new CustomerCard(registered.CustomerId, registered.Name, 0));
        On<CustomerVisited>((visited, _) => visited.CustomerId, (card, _, _) => card! with { Visits = card.Visits + 1 });
    }
}

internal sealed class CustomerLabels : ViewProjection<CustomerLabel>
{
    public CustomerLabels()
        : base("labels")
    {
        On<CustomerRegistered>((_, registered, _) => new CustomerLabel($"{registered.Name} in {registered.Country}", 0));
        On<CustomerVisited>((label, _, _) => label! with { Visits = label.Visits + 1 });
    }
}

internal sealed class CustomerMails : Reactor
{
    public CustomerMails()
        : base("mails", LogPosition.Start) => On<CustomerRegistered>((_, _) => Task.CompletedTask);
}
