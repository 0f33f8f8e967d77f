namespace EventSourcing.TestInfrastructure;

/// <summary>
/// The RabbitMQ broker of this process, for everything that needs a real one: given by the environment variable
/// <see cref="AddressVariable"/>, or run from the machine's own installation.
/// </summary>
public static class RabbitMqServer
{
    /// <summary>The environment variable that names a broker to use instead of starting one: <c>amqp://user:password@host:5672</c>.</summary>
    public const string AddressVariable = "EVENTSOURCING_TEST_RABBITMQ";

    private static readonly Lazy<Task<(Uri Address, object? Owner)>> shared =
        new(() => StartAsync(Environment.GetEnvironmentVariable(AddressVariable)));

    /// <summary>
    /// The one broker that everything in this process shares. It is started by the first caller and goes away with the
    /// process, however that ends; nobody disposes it.
    /// </summary>
    /// <exception cref="InvalidOperationException">There is no way to a broker; the message names the ways.</exception>
    public static async Task<Uri> GetAsync(CancellationToken cancellationToken = default) =>
        (await shared.Value.WaitAsync(cancellationToken)).Address;

    /// <summary>
    /// A private broker from the machine's own installation, which its caller may stop, crash and start again without
    /// disturbing anyone, and disposes.
    /// </summary>
    /// <exception cref="InvalidOperationException">The machine has no RabbitMQ installed.</exception>
    public static Task<RabbitMqBroker> StartDedicatedAsync(CancellationToken cancellationToken = default) =>
        RabbitMqBroker.CreateAsync(RabbitMqProgram.Find() ?? throw Missing("A broker that a test restarts is run from the machine's own installation, and none was found"), cancellationToken);

    private static async Task<(Uri Address, object? Owner)> StartAsync(string? given)
    {
        if (!string.IsNullOrWhiteSpace(given))
        {
            return (new Uri(given), null);
        }

        var program = RabbitMqProgram.Find() ?? throw Missing($"No RabbitMQ broker: name one in the environment variable {AddressVariable} (amqp://…)");
        var broker = await RabbitMqBroker.CreateAsync(program, CancellationToken.None);
        return (broker.Address, broker);
    }

    private static InvalidOperationException Missing(string what) =>
        new($"{what}; install it (Debian: apt-get install rabbitmq-server). Looked for rabbitmq-server in {RabbitMqProgram.Places}.");
}
