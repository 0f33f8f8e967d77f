using System.Diagnostics;
using EventSourcing.InMemory;
using EventSourcing.TestInfrastructure;
using Microsoft.Extensions.DependencyInjection;

namespace EventSourcing;

/// <summary>A trace goes from a command through the metadata of its events to whoever handles them.</summary>
[Collection(TelemetryCollection.Name)]
public sealed class TracingTests
{
    private readonly EventSerializer serializer = new(new EventTypeRegistry().Add<Noted>());

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_command_its_append_and_the_handling_of_its_event_are_one_trace()
    {
        using var watch = new TelemetryWatch();
        var stream = NewStream();
        var services = new ServiceCollection();
        services.AddEventSourcing().UseInMemory().AddEvent<Noted>().AddCommandHandler<Note, NoteHandler>();
        await using var provider = services.BuildServiceProvider();
        var context = new CommandContext();

        await provider.GetRequiredService<ICommandDispatcher>().DispatchAsync(new Note(stream), context, Cancellation);

        var envelope = await FirstAsync(provider.GetRequiredService<IEventStore>(), stream);
        using (var handling = TraceContext.StartHandling(envelope, "notes"))
        {
            Activity.Current.Should().BeSameAs(handling);
        }

        var command = watch.Activities("command", "eventsourcing.command_id", context.CommandId).Should().ContainSingle().Subject;
        var execute = watch.Activities("execute", "eventsourcing.stream", stream.Value).Should().ContainSingle().Subject;
        var append = watch.Activities("append", "eventsourcing.stream", stream.Value).Should().ContainSingle().Subject;
        var handle = watch.Activities("handle", "messaging.message.id", envelope.Id.ToString()).Should().ContainSingle().Subject;
        execute.ParentSpanId.Should().Be(command.SpanId);
        append.ParentSpanId.Should().Be(execute.SpanId);
        handle.ParentSpanId.Should().Be(execute.SpanId);
        envelope.Metadata.TraceParent.Should().Be(execute.Id);
        new[] { execute, append, handle }.Should().OnlyContain(activity => activity.TraceId == command.TraceId);
        command.DisplayName.Should().Be("command Note");
        append.DisplayName.Should().Be($"append {stream.Category}");
        append.GetTagItem("eventsourcing.event_count").Should().Be(1);
        handle.Kind.Should().Be(ActivityKind.Consumer);
        handle.GetTagItem("messaging.consumer.group.name").Should().Be("notes");
    }

    [Fact]
    public async Task What_is_saved_without_a_command_has_a_trace_of_its_own()
    {
        using var watch = new TelemetryWatch();
        var store = new InMemoryEventStore();
        var repository = new Repository(store, serializer);
        var stream = NewStream();
        var notebook = await repository.LoadAsync<Notebook>(stream, Cancellation);
        notebook.Write();

        await repository.SaveAsync(notebook, cancellationToken: Cancellation);

        (await FirstAsync(store, stream)).Metadata.TraceParent
            .Should().Be(watch.Activities("execute", "eventsourcing.stream", stream.Value).Should().ContainSingle().Subject.Id);
    }

    [Fact]
    public async Task The_state_of_a_trace_travels_with_its_id_to_the_handling_and_its_surroundings_are_linked()
    {
        using var watch = new TelemetryWatch();
        var store = new InMemoryEventStore();
        var stream = NewStream();
        using (var request = new Activity("request") { TraceStateString = "vendor=7" }.SetIdFormat(ActivityIdFormat.W3C).Start())
        {
            await new Repository(store, serializer).ExecuteAsync(stream, 0, (count, _) => count + 1, _ => [new Noted()], cancellationToken: Cancellation);
        }

        var envelope = await FirstAsync(store, stream);
        using var page = new Activity("page").Start();
        using var handling = TraceContext.StartHandling(envelope, "notes");

        envelope.Metadata.TraceState.Should().Be("vendor=7");
        handling!.TraceStateString.Should().Be("vendor=7");
        handling.ParentId.Should().Be(envelope.Metadata.TraceParent);
        handling.HasRemoteParent.Should().BeTrue();
        handling.Links.Should().ContainSingle().Which.Context.SpanId.Should().Be(page.SpanId);
    }

    [Fact]
    public void A_replay_does_not_grow_the_traces_of_the_past()
    {
        using var watch = new TelemetryWatch();
        const string Past = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        var envelope = Envelope(serializer.Serialize(new Noted(), new EventMetadata { TraceParent = Past }).Metadata);

        using var handling = TraceContext.StartHandling(envelope, "notes", isReplay: true);

        handling!.TraceId.ToHexString().Should().NotBe("0af7651916cd43dd8448eb211c80319c");
        handling.ParentId.Should().BeNull();
        handling.Links.Should().ContainSingle().Which.Context.SpanId.ToHexString().Should().Be("b7ad6b7169203331");
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("[1]")]
    [InlineData("{\"traceparent\":\"nonsense\"}")]
    public void An_event_without_a_usable_trace_is_handled_in_the_one_around_it(string metadata)
    {
        using var watch = new TelemetryWatch();
        using var page = new Activity("page").Start();

        using var handling = TraceContext.StartHandling(Envelope(System.Text.Encoding.UTF8.GetBytes(metadata)), "notes");

        handling!.ParentSpanId.Should().Be(page.SpanId);
        handling.Links.Should().BeEmpty();
    }

    [Fact]
    public async Task A_refused_append_says_why_and_a_command_that_got_over_it_does_not()
    {
        using var watch = new TelemetryWatch();
        var store = new InMemoryEventStore();
        var stream = NewStream();
        var isFirst = true;

        await new Repository(store, serializer).ExecuteAsync(
            stream,
            0,
            (count, _) => count + 1,
            count =>
            {
                // A rival comes in between.
                if (isFirst)
                {
                    isFirst = false;
                    store.AppendAsync(stream, ExpectedVersion.NoStream, [serializer.Serialize(new Noted())], Cancellation).GetAwaiter().GetResult();
                }

                return [new Noted()];
            },
            cancellationToken: Cancellation);

        var refused = watch.Activities("append", "eventsourcing.stream", stream.Value).Where(append => append.Status == ActivityStatusCode.Error).ToList();
        refused.Should().ContainSingle().Which.GetTagItem("error.type").Should().Be(typeof(ConcurrencyConflictException).FullName);
        var execute = watch.Activities("execute", "eventsourcing.stream", stream.Value).Should().ContainSingle().Subject;
        execute.Status.Should().Be(ActivityStatusCode.Unset);
        execute.GetTagItem("eventsourcing.retries").Should().Be(1);
    }

    [Fact]
    public void Metadata_keeps_the_name_of_the_state_for_itself()
    {
        var taken = new EventMetadata { Custom = new Dictionary<string, string> { ["tracestate"] = "mine" } };

        FluentActions.Invoking(() => serializer.Serialize(new Noted(), taken)).Should().Throw<ArgumentException>().WithMessage("*tracestate*");
    }

    private static StreamName NewStream() => new($"traced{Guid.NewGuid():N}-1");

    private static EventEnvelope Envelope(ReadOnlyMemory<byte> metadata) => new(new Noted(), new RecordedEvent
    {
        Stream = NewStream(),
        Version = new StreamVersion(1),
        Position = new LogPosition(1),
        Id = Guid.NewGuid(),
        Type = "noted",
        Data = "{}"u8.ToArray(),
        Metadata = metadata,
        RecordedAt = DateTimeOffset.UtcNow,
    });

    private async Task<EventEnvelope> FirstAsync(IEventStore store, StreamName stream) =>
        serializer.Deserialize(await store.ReadStreamAsync(stream, cancellationToken: Cancellation).FirstAsync(Cancellation));

    private sealed record Note(StreamName Stream);

    [EventType("noted")]
    private sealed record Noted;

    private sealed class Notebook : Aggregate
    {
        public void Write() => Raise(new Noted());

        protected override void Apply(object @event)
        {
        }
    }

    private sealed class NoteHandler(IRepository repository) : ICommandHandler<Note>
    {
        public Task<CommandResult> HandleAsync(Note command, CommandContext context, CancellationToken cancellationToken = default) =>
            repository.ExecuteAsync(command.Stream, 0, (count, _) => count + 1, _ => [new Noted()], context, cancellationToken);
    }
}
