namespace EventSourcing.Generators;

/// <summary>What is told of a clock or I/O in what is to be pure.</summary>
public sealed class PurityRuleTests
{
    private const string Events = """
        public abstract record OrderEvent;
        [EventType("order-placed")] public sealed record OrderPlaced(object? At = null) : OrderEvent;

        """;

    [Theory]
    [InlineData("DateTime.Now")]
    [InlineData("DateTime.UtcNow")]
    [InlineData("DateTime.Today")]
    [InlineData("DateTimeOffset.Now")]
    [InlineData("DateTimeOffset.UtcNow")]
    [InlineData("TimeProvider.System.GetUtcNow()")]
    [InlineData("System.Diagnostics.Stopwatch.GetTimestamp()")]
    [InlineData("Environment.TickCount64")]
    [InlineData("Guid.CreateVersion7()")]
    [InlineData("File.ReadAllText(\"rates\")")]
    [InlineData("new FileInfo(\"rates\")")]
    [InlineData("Console.ReadLine()")]
    [InlineData("new System.Net.Http.HttpClient()")]
    [InlineData("Environment.GetEnvironmentVariable(\"rates\")")]
    [InlineData("Task.Run(() => 1)")]
    public async Task A_clock_or_IO_is_told_wherever_something_is_decided_or_folded(string impure)
    {
        var code = new Code(Events + $$"""
            public sealed partial class Order : Aggregate
            {
                private object? at;
                public void Place() => Raise(new OrderPlaced({{impure}}));
                private void Apply(OrderPlaced placed) => at = {{impure}};
            }
            public static class ByMethods
            {
                public static Decider<int, int, OrderEvent> Decider { get; } = new(0, Choose, Fold);
                private static IEnumerable<OrderEvent> Choose(int command, int state) => [new OrderPlaced({{impure}})];
                private static int Fold(int state, OrderEvent happened) => Number.Of({{impure}});
            }
            public static class ByLambdas
            {
                public static Decider<int, int, OrderEvent> Decider { get; } = new(
                    0, Decide: (command, state) => [new OrderPlaced({{impure}})], Evolve: (state, happened) => Number.Of({{impure}}));
                public static Fold<int> Fold { get; } = new(() => 0, (state, happened) => Number.Of({{impure}}));
                public static Task<CommandResult> RunAsync(IRepository repository) =>
                    repository.ExecuteAsync("order-1", 0, (state, _) => state + 1, decide: state => [new OrderPlaced({{impure}})]);
                public static DecisionProjection<int> Known { get; } = new DecisionProjection<int>(0, "orders").On<OrderPlaced>((state, placed) => Number.Of({{impure}}));
                public static Task<CommandResult> DecideAsync(IRepository repository) =>
                    repository.DecideAsync([Known], known => [new OrderPlaced({{impure}})]);
            }
            public static class ByName
            {
                public static IReadOnlyList<OrderEvent> Decide(int command, int state) => [new OrderPlaced({{impure}})];
                public static int Evolve(int state, OrderEvent happened) => Number.Of({{impure}});
            }
            public sealed partial record State(object? At)
            {
                public static partial State Evolve(State state, OrderEvent @event);
                private State When(OrderPlaced placed) => new({{impure}});
            }
            public static class Number { public static int Of(object? value) => value is null ? 0 : 1; }
            """);

        (await code.ToldAsync()).Should().HaveCount(13).And.OnlyContain(told => told == "ES0003 " + impure);
        code.Problems().Should().BeEmpty();
    }

    [Fact]
    public async Task What_a_decision_calls_in_its_own_class_is_looked_at()
    {
        var code = new Code(Events + """
            public sealed partial class Order : Aggregate
            {
                public void Place() { if (IsLate) { Happened(); } Watch(() => Rate()); }
                private bool IsLate => Deadline() < DateTime.UtcNow;
                private static DateTime Deadline() => DateTime.MinValue;
                private void Happened() => Raise(new OrderPlaced());
                private void Watch(Func<int> look) { }
                private static int Rate() { return Parse(File.ReadAllText("rate")); int Parse(string text) => text.Length + Console.Read(); }
                private void Apply(OrderPlaced placed) { }
            }
            """);

        (await code.ToldAsync()).Should().Equal("ES0003 DateTime.UtcNow", "ES0003 File.ReadAllText(\"rate\")", "ES0003 Console.Read()");
    }

    [Fact]
    public async Task Waiting_is_told()
    {
        var code = new Code(Events + """
            public sealed partial class Order : Aggregate
            {
                public async Task PlaceAsync(Task<int> stock) { if (await stock > 0) { Raise(new OrderPlaced()); } }
                private void Apply(OrderPlaced placed) { }
            }
            """);

        (await code.ToldAsync()).Should().Equal("ES0003 await stock");
    }

    [Fact]
    public async Task Chance_is_told_of_a_fold_and_not_of_a_decision_whose_event_keeps_it()
    {
        var code = new Code(Events + """
            public sealed partial class Order : Aggregate
            {
                private object? id;
                public void Place() => Raise(new OrderPlaced(Guid.NewGuid()));
                public void Draw() => Raise(new OrderPlaced(Random.Shared.Next()));
                private void Apply(OrderPlaced placed) => id = Guid.NewGuid();
            }
            """);

        (await code.ToldAsync()).Should().Equal("ES0003 Guid.NewGuid()");
        (await code.DiagnosticsAsync())[0].GetMessage(null).Should().Be(
            "'Guid.NewGuid' is another value each time in 'Apply', which runs again after a conflict and whenever events are read; take it from the event");
    }

    [Fact]
    public async Task Everything_else_may_use_a_clock_and_IO()
    {
        var code = new Code(Events + """
            public sealed partial class Order : Aggregate
            {
                public static StreamName StreamOf(string id) => new("order-" + id);
                public string Print() { Console.WriteLine(nameof(DateTime.Now)); return Environment.NewLine; }
                public void Place(DateTime now, TimeProvider time)
                {
                    var rest = now.AddDays(1) - DateTime.UnixEpoch + TimeSpan.FromDays(1);
                    var text = Path.Combine("a", Environment.NewLine) + nameof(DateTime.UtcNow) + new Random(1).Next() + Guid.Empty;
                    Raise(rest > TimeSpan.Zero ? new OrderPlaced(text) : throw new InvalidDataException());
                }
                private void Apply(OrderPlaced placed) { }
            }
            public sealed class PlaceHandler(IRepository repository, TimeProvider time)
            {
                public async Task HandleAsync() =>
                    await repository.ExecuteAsync<Order>("order-1", order => order.Place(time.GetUtcNow().DateTime, time));
            }
            public sealed partial class Orders() : Projection("orders")
            {
                private void On(OrderPlaced placed) => Console.WriteLine(DateTime.Now);
            }
            public static class Referee
            {
                public static string Decide(int a) => a + DateTime.Now.ToString();
                public static int Evolve(int generation, string name) => generation + DateTime.Now.Year;
                public static DateTime When(DateTime other) => DateTime.Now;
                public static Func<int, int> Decider { get; } = number => number + DateTime.Now.Year;
            }
            """);

        (await code.ToldAsync()).Should().BeEmpty();
    }
}
