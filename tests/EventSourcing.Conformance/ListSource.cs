using System.Runtime.CompilerServices;

namespace EventSourcing.Conformance;

/// <summary>A log that is a list of events.</summary>
internal sealed class ListSource(IReadOnlyList<RecordedEvent> events, string name = "a list") : ILogSource
{
    public string Name => name;

    public long End { get; init; } = events is [.., { } last] ? last.Position.Value : 0;

    public StreamInfo[] Streams { get; init; } = [];

    /// <summary>Asked before each event is handed out.</summary>
    public Func<RecordedEvent, Task> Before { get; init; } = _ => Task.CompletedTask;

    public Task<LogPosition> GetEndAsync(CancellationToken cancellationToken = default) => Task.FromResult(new LogPosition(End));

    public IAsyncEnumerable<StreamInfo> ReadStreamsAsync(CancellationToken cancellationToken = default) => Streams.ToAsyncEnumerable();

    public async IAsyncEnumerable<RecordedEvent> ReadAsync(LogPosition after, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        foreach (var recorded in events)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (recorded is not null && recorded.Position > after)
            {
                await Before(recorded);
            }

            if (recorded is null || recorded.Position > after)
            {
                yield return recorded!;
            }
        }
    }
}
