using EventSourcing.Conformance;
using EventSourcing.InMemory;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace EventSourcing;

/// <summary>The one entrance: <c>AddEventSourcing()</c>.</summary>
public sealed class RegistrationTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_command_goes_from_the_dispatcher_to_a_read_model_in_a_hosted_application()
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Services.AddEventSourcing()
            .UseInMemory()
            .AddEvent<Greeted>()
            .AddCommandHandler<Greet, GreetHandler>()
            .AddProjection<Greetings>();
        using var host = builder.Build();
        await host.StartAsync(Cancellation);

        var result = await host.Services.GetRequiredService<ICommandDispatcher>().DispatchAsync(new Greet("Ada"), cancellationToken: Cancellation);
        await host.Services.GetRequiredService<ProjectionRunner>().WaitForAsync("greetings", result.Position, Cancellation).WaitAsync(TimeSpan.FromSeconds(60), Cancellation);

        host.Services.GetRequiredService<Greetings>().Names.Should().Equal("Ada");
        await host.StopAsync(Cancellation);
    }

    [Fact]
    public async Task A_reactor_registered_once_runs_in_a_hosted_application()
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Services.AddEventSourcing()
            .UseInMemory()
            .AddEvent<Greeted>()
            .AddCommandHandler<Greet, GreetHandler>()
            .AddReactor<Welcome>();
        using var host = builder.Build();
        await host.StartAsync(Cancellation);
        var runner = host.Services.GetRequiredService<ReactorRunner>();

        // From now on means: from when it is first run.
        while ((await runner.GetStatusAsync(Cancellation)) is not [{ State: ConsumerState.Live }])
        {
            await Task.Delay(10, Cancellation);
        }

        var result = await host.Services.GetRequiredService<ICommandDispatcher>().DispatchAsync(new Greet("Ada"), cancellationToken: Cancellation);
        await runner.WaitForAsync("welcome", result.Position, Cancellation).WaitAsync(TimeSpan.FromSeconds(60), Cancellation);

        host.Services.GetRequiredService<Welcome>().Names.Should().Equal("Ada");
        await host.StopAsync(Cancellation);
    }

    [Theory]
    [InlineData(true, 1)]
    [InlineData(false, 3)]
    public async Task An_application_reads_what_it_has_stored_from_its_cache_unless_it_wants_none(bool isCached, int eventsRead)
    {
        var watched = new WatchedStore(new InMemoryEventStore());
        var services = new ServiceCollection();
        services.AddEventSourcing(options => options.Cache = isCached ? options.Cache : null).AddEvent<Greeted>();
        services.AddSingleton<IEventStore>(watched);
        await using var provider = services.BuildServiceProvider();
        var repository = provider.GetRequiredService<IRepository>();
        var fold = new Fold<int>(() => 0, (count, _) => count + 1);
        await repository.ExecuteAsync("greetings", fold, _ => [new Greeted("Ada"), new Greeted("Grace"), new Greeted("Barbara")], cancellationToken: Cancellation);
        watched.TakeCounts();

        (await repository.LoadAsync("greetings", fold, Cancellation)).State.Should().Be(3);

        // The last event that is known is asked for again, to see that it is still there.
        watched.TakeCounts().Events.Should().Be(eventsRead);
    }

    [Fact]
    public void Without_a_store_it_says_which_to_choose()
    {
        var services = new ServiceCollection();
        services.AddEventSourcing();
        using var provider = services.BuildServiceProvider();

        FluentActions.Invoking(provider.GetRequiredService<IRepository>).Should().Throw<InvalidOperationException>().WithMessage("*UseInMemory()*UsePostgreSql*");
    }

    [Fact]
    public void Mistakes_are_told_when_they_are_made()
    {
        var builder = new ServiceCollection().AddEventSourcing().UseInMemory().AddCommandHandler<Greet, GreetHandler>().AddProjection<Greetings>();

        FluentActions.Invoking(() => builder.UseInMemory()).Should().Throw<InvalidOperationException>().WithMessage("*chosen already*");
        FluentActions.Invoking(() => builder.AddCommandHandler<Greet, GreetHandler>()).Should().Throw<InvalidOperationException>();
        FluentActions.Invoking(() => builder.AddProjection<Greetings>()).Should().Throw<InvalidOperationException>();
        builder.AddReactor<Welcome>();
        FluentActions.Invoking(() => builder.AddReactor<Welcome>()).Should().Throw<InvalidOperationException>();
        FluentActions.Invoking(() => builder.AddEvent<Greet>()).Should().Throw<InvalidOperationException>().WithMessage("*no stored name*");
    }

    [Fact]
    public async Task A_command_without_a_handler_is_named()
    {
        var services = new ServiceCollection();
        services.AddEventSourcing().UseInMemory();
        await using var provider = services.BuildServiceProvider();
        var dispatcher = provider.GetRequiredService<ICommandDispatcher>();

        var dispatch = () => dispatcher.DispatchAsync(new Greet("Ada"), cancellationToken: Cancellation);

        await dispatch.Should().ThrowAsync<InvalidOperationException>().WithMessage("*Greet*AddCommandHandler*");
    }

    [Fact]
    public void Modules_of_an_application_each_add_their_own()
    {
        var services = new ServiceCollection();
        services.AddEventSourcing().AddEvent<Greeted>();
        services.AddEventSourcing().UseInMemory().AddEvent<Greet>("other");
        using var provider = services.BuildServiceProvider();

        provider.GetRequiredService<EventSerializer>().Types.Types.Should().BeEquivalentTo([typeof(Greeted), typeof(Greet)]);
    }

    private sealed record Greet(string Name);

    [EventType("greeted")]
    private sealed record Greeted(string Name);

    private sealed class GreetHandler(IRepository repository) : ICommandHandler<Greet>
    {
        public Task<CommandResult> HandleAsync(Greet command, CommandContext context, CancellationToken cancellationToken = default) =>
            repository.ExecuteAsync("greeting-1", 0, (count, _) => count + 1, _ => [new Greeted(command.Name)], context, cancellationToken);
    }

    private sealed class Greetings : Projection
    {
        private readonly System.Collections.Concurrent.ConcurrentQueue<string> names = new();

        public Greetings()
            : base("greetings") => On<Greeted>((greeted, _) => names.Enqueue(greeted.Name));

        public IEnumerable<string> Names => names;
    }

    private sealed class Welcome : Reactor
    {
        private readonly System.Collections.Concurrent.ConcurrentQueue<string> names = new();

        public Welcome()
            : base("welcome") => On<Greeted>((greeted, _) =>
            {
                names.Enqueue(greeted.Name);
                return Task.CompletedTask;
            });

        public IEnumerable<string> Names => names;
    }
}
