// A small program with nothing but the packages: it uses each of them and checks what it gets.
using EventSourcing;
using EventSourcing.PostgreSql;
using EventSourcing.RabbitMq;
using EventSourcing.Tenants;
using EventSourcing.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

var services = new ServiceCollection();
services.AddEventSourcing().UseInMemory().AddEvents<BankEvents>().AddProjection<Turnover>()
    .AddRabbitMqPublisher(new Uri("amqp://localhost"));
services.AddHealthChecks().AddEventSourcing();
await using var provider = services.BuildServiceProvider();

var repository = provider.GetRequiredService<IRepository>();
await repository.ExecuteAsync<Account>("account-1", account => account.Deposit(70));
await repository.ExecuteAsync<Account>("account-2", account => account.Deposit(30));
await provider.GetRequiredService<ProjectionRunner>().CatchUpAsync();
Require(provider.GetRequiredService<Turnover>().Total == 100, "the read model holds both deposits");

Scenario.For<Account>().Given(new Deposited(1)).When(account => account.Deposit(2)).Then(new Deposited(2));
Scenario.For(new Turnover()).Given("account-1", new Deposited(70), new Deposited(30)).Then(turnover => turnover.Total, 100);
await using (var application = await TestApplication.StartAsync(bank => bank.AddEvent<Deposited>().AddProjection<Turnover>()))
{
    await application.GivenAsync("account-1", [new Deposited(40)]);
    Require(application.Services.GetRequiredService<Turnover>().Total == 40, "the whole application has run");
    Require((await application.ReadAsync("account-1"))[0].RecordedAt == application.Clock.GetUtcNow(), "its clock stands still");
}

await using (var shops = new ServiceCollection().AddEventSourcingTenants(["acme", "globex"], (_, tenant) => tenant.AddEvents<BankEvents>().UseInMemory()).BuildServiceProvider())
{
    var (acme, globex) = (await shops.GetRequiredService<ITenants>().GetAsync("acme"), await shops.GetRequiredService<ITenants>().GetAsync("globex"));
    await acme.Repository.ExecuteAsync<Account>("account-1", account => account.Deposit(70));
    Require((await globex.Repository.LoadAsync<Account>("account-1")).Balance == 0, "a tenant has accounts of its own");
}

Require(PostgreSqlSchema.Script("shop").Contains("create table if not exists \"shop\".events", StringComparison.Ordinal), "the schema is in the package");
Require(provider.GetRequiredService<IOptions<HealthCheckServiceOptions>>().Value.Registrations.Single().Name == "eventsourcing", "the health check is registered");
Require(provider.GetRequiredService<IMessagePublisher>() is RabbitMqPublisher, "the publisher is registered");
Console.WriteLine("The packages work.");

static void Require(bool isTrue, string what)
{
    if (!isTrue)
    {
        throw new InvalidOperationException($"Not true: {what}.");
    }
}

[EventType("deposited")]
public sealed record Deposited(decimal Amount);

// The rest of these two is generated: it does not compile without the generators of the package.
public sealed partial class BankEvents : IEventTypes;

public sealed partial class Account : Aggregate
{
    public decimal Balance { get; private set; }

    public void Deposit(decimal amount) => Raise(new Deposited(amount));

    private void Apply(Deposited deposited) => Balance += deposited.Amount;
}

public sealed class Turnover : Projection
{
    public Turnover()
        : base("turnover") => On<Deposited>((deposited, _) => Total += deposited.Amount);

    public decimal Total { get; private set; }
}
