using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using EventSourcing.Generators.Library;
using EventSourcing.InMemory;
using Microsoft.Extensions.DependencyInjection;

namespace EventSourcing.Generators;

/// <summary>What is generated for the folder Library, at work.</summary>
public sealed class GeneratedCodeTests : IAsyncDisposable
{
    private readonly ServiceProvider provider;
    private readonly ConcurrentQueue<string> sent = [];

    public GeneratedCodeTests()
    {
        var services = new ServiceCollection();
        services.AddSingleton(sent).AddEventSourcing().UseInMemory().AddEvents<LibraryEvents>()
            .AddProjection<Diary>().AddView<Books, BookView>().AddView<Readers, ReaderView>().AddReactor<Reminders>();
        provider = services.BuildServiceProvider();
    }

    private IRepository Repository => provider.GetRequiredService<IRepository>();

    public ValueTask DisposeAsync() => provider.DisposeAsync();

    [Fact]
    public async Task Each_event_goes_to_the_method_of_its_class_and_otherwise_to_that_of_its_base()
    {
        await Repository.ExecuteAsync<Book>("book-1", book =>
        {
            book.Lend("Ada", default);
            book.MarkAs(Mark.Torn);
            book.Return();
        });

        var book = await Repository.LoadAsync<Book>("book-1");

        book.Calls.Should().Equal("BookLent", "BookMarked by base", "BookReturned");
        book.Reader.Should().BeNull();
    }

    [Fact]
    public void What_a_class_does_not_handle_goes_to_its_base_and_what_nobody_handles_is_refused()
    {
        var journal = new Journal();

        journal.Lend();
        journal.Return();

        journal.Calls.Should().Equal("Paper: lent to Ada", "Journal: returned");
        journal.Invoking(one => one.MarkAs(Mark.Lost)).Should().Throw<InvalidOperationException>().WithMessage("*Paper*Apply*EventSourcing.Generators.Library.BookMarked*");
        journal.UncommittedEvents.Should().HaveCount(2);
    }

    [Fact]
    public void Generic_classes_and_names_that_are_keywords_are_no_trouble()
    {
        var inner = new Outer<int>.@class();

        inner.Lend();

        inner.IsLent.Should().BeTrue();
    }

    [Fact]
    public async Task A_state_evolves_by_its_When_methods()
    {
        await Repository.ExecuteAsync("loan-1", Loan.Decider, "Ada");
        await Repository.ExecuteAsync("loan-1", Loan.Decider, (string?)null);

        (await Repository.LoadAsync("loan-1", Loan.Decider.Fold)).State.Should().Be(new Loan(null, 1));
    }

    [Fact]
    public void An_event_without_a_When_is_refused()
    {
        Lendings.Evolve(1, new BookLent("Ada", default)).Should().Be(2);

        FluentActions.Invoking(() => Lendings.Evolve(1, new BookReturned())).Should().Throw<InvalidOperationException>().WithMessage("*Lendings*When*BookReturned*");
        FluentActions.Invoking(() => Lendings.Evolve(1, null!)).Should().Throw<ArgumentNullException>().WithParameterName("event");
    }

    [Fact]
    public async Task Projections_views_and_reactors_are_handed_their_events()
    {
        await Repository.ExecuteAsync<Book>("book-1", book =>
        {
            book.Lend("Ada", default);
            book.Return();
        });
        await Repository.ExecuteAsync<Book>("book-2", book =>
        {
            book.Lend("Ada", default);
            book.MarkAs(Mark.Lost);
        });

        await provider.GetRequiredService<ProjectionRunner>().CatchUpAsync();
        await provider.GetRequiredService<ReactorRunner>().CatchUpAsync();
        using var enough = new CancellationTokenSource();
        var running = provider.GetRequiredService<ReactorRunner>().RunAsync(enough.Token);
        while (!sent.Contains("reminded Ada"))
        {
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }

        await enough.CancelAsync();
        await running.ContinueWith(_ => { }, TaskScheduler.Default);

        provider.GetRequiredService<Diary>().Lines.Should().Equal("lent to Ada", "returned, version 2", "lent to Ada", "Lost in book-2");
        (await ViewsAsync<BookView>()).Should().Equal(("book-1", new BookView(null, 1)));
        (await ViewsAsync<ReaderView>()).Should().Equal(("Ada", new ReaderView(2)), ("all", new ReaderView(101)), ("book-2", new ReaderView(101)));
        sent.Where(line => !line.StartsWith("reminded", StringComparison.Ordinal)).Should().Equal("lent to Ada, version 1", "returned", "lent to Ada, version 1");
    }

    [Fact]
    public async Task A_handler_that_needs_a_view_says_so_where_there_is_none()
    {
        await Repository.ExecuteAsync<Book>("book-1", book => book.Return());

        var failed = await provider.GetRequiredService<LiveViews>().Invoking(views => views.FoldAsync(new Books(), "book-1")).Should().ThrowAsync<EventHandlingException>();

        failed.WithInnerException<InvalidOperationException>().WithMessage("There is no BookView 'book-1' for BookReturned*");
    }

    [Fact]
    public async Task A_translator_makes_its_messages()
    {
        await Repository.ExecuteAsync<Book>("book-1", book =>
        {
            book.Lend("Ada", default);
            book.MarkAs(Mark.Lost);
        });
        var translator = new LibraryMessages();
        var serializer = provider.GetRequiredService<EventSerializer>();
        var types = new List<string>();
        await foreach (var recorded in provider.GetRequiredService<IEventStore>().ReadStreamAsync("book-1"))
        {
            types.AddRange(translator.Translate(serializer.Deserialize(recorded)).Select(message => message.Type));
        }

        types.Should().Equal("lent.v1", "marked.v1", "marked.v2");
    }

    [Fact]
    public void The_list_holds_every_event_of_the_assembly_as_reflection_finds_them()
    {
        var found = new EventTypeRegistry().AddFrom(typeof(Book).Assembly);

        var listed = new EventTypeRegistry().AddFrom<LibraryNames>();

        listed.Types.Should().BeEquivalentTo(found.Types).And.HaveCount(5);
        listed.Types.Select(listed.NameOf).Should().BeEquivalentTo(found.Types.Select(found.NameOf)).And.Contain(["book-marked@2", "desk \"A\" opened"]);
    }

    [Fact]
    public async Task The_context_writes_and_reads_what_reflection_does()
    {
        object[] events = [new BookLent("Ada", new DateOnly(2030, 1, 31)), new BookReturned(), new BookMarked(Mark.Lost), new Desk.Opened(3)];
        var generated = new EventSerializer(new EventTypeRegistry().AddFrom<LibraryEvents>(), WithoutReflection());
        var reflected = new EventSerializer(new EventTypeRegistry().AddFrom<LibraryNames>());
        var store = new InMemoryEventStore();
        EventData[] written = [.. events.Select(one => generated.Serialize(one))];
        await store.AppendAsync("book-1", ExpectedVersion.NoStream, written);

        written.Select(data => Encoding.UTF8.GetString(data.Data.Span)).Should().Equal(events.Select(one => Encoding.UTF8.GetString(reflected.Serialize(one).Data.Span)));
        (await ReadAsync(generated)).Should().Equal(events).And.Equal(await ReadAsync(reflected));

        async Task<List<object>> ReadAsync(EventSerializer serializer)
        {
            var read = new List<object>();
            await foreach (var recorded in store.ReadStreamAsync("book-1"))
            {
                read.Add(serializer.Deserialize(recorded).Event);
            }

            return read;
        }
    }

    [Fact]
    public void Without_reflection_a_class_that_no_context_knows_is_refused_by_name()
    {
        var serializer = new EventSerializer(new EventTypeRegistry().AddFrom<LibraryEvents>().Add<Unlisted>("unlisted"), WithoutReflection());

        serializer.Invoking(one => one.Serialize(new Unlisted(1))).Should().Throw<EventSerializationException>().Which.ToString().Should().Contain(nameof(Unlisted));
    }

    // As a trimmed application has it: nothing behind the contexts.
    private static JsonSerializerOptions WithoutReflection() => new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        PropertyNameCaseInsensitive = true,
        TypeInfoResolver = System.Text.Json.Serialization.Metadata.JsonTypeInfoResolver.Combine(),
    };

    private async Task<IReadOnlyList<(string Key, TView View)>> ViewsAsync<TView>()
        where TView : class
    {
        var views = new List<(string, TView)>();
        await foreach (var view in provider.GetRequiredService<IViewReader<TView>>().ReadAllAsync())
        {
            views.Add((view.Key, view.Value));
        }

        return views;
    }

    public sealed record Unlisted(int Number);
}
