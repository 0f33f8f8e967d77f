using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace EventSourcing.PostgreSql;

/// <summary>The statements that a data source has run, by the driver's own log.</summary>
internal sealed class StatementTexts : ILoggerFactory, ILogger
{
    private readonly ConcurrentQueue<string> texts = new();

    public IReadOnlyCollection<string> All => texts;

    public void Clear() => texts.Clear();

    public ILogger CreateLogger(string categoryName) => this;

    public bool IsEnabled(LogLevel logLevel) => true;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (logLevel == LogLevel.Information && state is IEnumerable<KeyValuePair<string, object?>> values)
        {
            foreach (var (name, value) in values)
            {
                if (name is "CommandText" or "BatchCommands")
                {
                    texts.Enqueue(formatter(state, exception));
                }
            }
        }
    }

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    public void Dispose()
    {
    }
}
