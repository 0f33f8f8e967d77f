using EventSourcing.PostgreSql;

namespace EventSourcing.Torture;

/// <summary>Follows the log, and writes down each event before it looks at the next. As an application's own it begins again after any failure.</summary>
internal static class Subscriber
{
    /// <param name="store">The store.</param>
    /// <param name="folder">Where it writes.</param>
    /// <param name="name">Its name.</param>
    /// <param name="beforeEach">What it waits for before it writes down an event.</param>
    /// <param name="stopping">Ends it.</param>
    public static async Task RunAsync(PostgreSqlEventStore store, string folder, string name, Func<Task> beforeEach, CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            using var seen = SeenFile.Continue(folder, name);
            try
            {
                var from = new SubscriptionOptions { From = Checkpoint.After(new LogPosition(seen.Last)), Name = name };
                await foreach (var message in store.SubscribeAsync(from, cancellationToken: stopping))
                {
                    if (message is EventReceived received)
                    {
                        await beforeEach();
                        seen.Write(received.Event);
                    }
                }
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure)
            {
                Console.Error.WriteLine($"Subscriber {name}: {failure.GetType().Name}: {failure.Message}");
                await Task.Delay(100, CancellationToken.None);
            }
        }
    }
}
