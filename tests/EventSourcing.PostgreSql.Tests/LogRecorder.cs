using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace EventSourcing.PostgreSql;

/// <summary>Keeps the names of what was logged, and the texts.</summary>
internal sealed class LogRecorder : ILogger<PostgreSqlEventStore>
{
    private readonly ConcurrentQueue<string> names = new();

    private readonly ConcurrentQueue<string> texts = new();

    public IEnumerable<string> Names => names;

    public IEnumerable<string> Texts => texts;

    public int Count(string name) => names.Count(each => each == name);

    public async Task WaitForAsync(string name, CancellationToken cancellationToken)
    {
        for (var until = DateTime.UtcNow.AddSeconds(60); Count(name) == 0;)
        {
            (DateTime.UtcNow < until).Should().BeTrue("'{0}' is to be logged", name);
            await Task.Delay(10, cancellationToken);
        }
    }

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        texts.Enqueue(formatter(state, exception));
        names.Enqueue(eventId.Name!);
    }

    public bool IsEnabled(LogLevel logLevel) => true;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;
}
