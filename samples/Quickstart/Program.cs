using EventSourcing;
using Microsoft.Extensions.DependencyInjection;
using Quickstart;

var services = new ServiceCollection();
services.AddEventSourcing().UseInMemory()
    .AddEvents<LibraryEvents>()
    .AddView<Shelf, ShelvedBook>()
    .AddReactor<Desk>();
await using var provider = services.BuildServiceProvider();
var repository = provider.GetRequiredService<IRepository>();

// Commands: load, decide, append.
var today = DateOnly.FromDateTime(DateTime.Today);
await repository.ExecuteAsync<Book>("book-ulysses", book => book.Lend("Ada", today));
await repository.ExecuteAsync<Book>("book-emma", book => book.Lend("Grace", today));
await repository.ExecuteAsync<Book>("book-emma", book => book.Return());
try
{
    await repository.ExecuteAsync<Book>("book-ulysses", book => book.Lend("Grace", today));
}
catch (InvalidOperationException refused)
{
    Console.WriteLine($"refused: {refused.Message}");
}

// What follows. An application with a host runs these by itself.
await provider.GetRequiredService<ProjectionRunner>().CatchUpAsync();
await provider.GetRequiredService<ReactorRunner>().CatchUpAsync();

await foreach (var (book, shelved) in provider.GetRequiredService<IViewReader<ShelvedBook>>().ReadAllAsync())
{
    Console.WriteLine($"{book}: {shelved.Reader ?? "here"}; lendings: {shelved.Lendings}");
}
