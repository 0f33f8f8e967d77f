using EventSourcing.Generators.EventTypes;
using EventSourcing.Generators.Evolve;
using EventSourcing.Generators.Handlers;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace EventSourcing.Generators;

/// <summary>An edit that changes nothing for the generators costs next to nothing: an editor runs them at each key.</summary>
public sealed class IncrementalityTests
{
    private const string Shop = """
        public abstract record OrderEvent;
        [EventType("order-placed")] public sealed record OrderPlaced(string Id) : OrderEvent;
        public sealed partial class ShopEvents : IEventTypes;
        public sealed partial class Order : Aggregate { private void Apply(OrderPlaced placed) { } }
        public sealed partial class Orders() : Projection("orders") { private void On(OrderPlaced placed) { } }
        public sealed partial record State
        {
            public static partial State Evolve(State state, OrderEvent @event);
            private State When(OrderPlaced placed) => this;
        }
        """;

    private static readonly string[] Steps = [EventTypesGenerator.EventsStep, EventTypesGenerator.ListsStep, HandlersGenerator.ClassesStep, EvolveGenerator.MethodsStep];

    [Theory]
    [InlineData("public sealed class Unrelated { public int Number => 1; }")]
    [InlineData("public sealed partial class Unrelated : IDisposable { public void Dispose() { } }")]
    public void An_unrelated_edit_is_answered_from_what_is_known(string edit)
    {
        var reasons = ReasonsAfter(Shop, compilation => compilation.AddSyntaxTrees(CSharpSyntaxTree.ParseText(edit)));

        reasons.Keys.Should().BeEquivalentTo([.. Steps, "output"]);
        reasons["output"].Should().HaveCount(4).And.OnlyContain(reason => reason == IncrementalStepRunReason.Cached);
        reasons.Where(step => step.Key != "output").SelectMany(step => step.Value).Should()
            .OnlyContain(reason => reason == IncrementalStepRunReason.Cached || reason == IncrementalStepRunReason.Unchanged);
    }

    [Fact]
    public void An_edit_of_a_body_in_the_same_file_writes_nothing_anew()
    {
        var reasons = ReasonsAfter(Shop, compilation => Edited(compilation, "private void Apply(OrderPlaced placed) { }", "private void Apply(OrderPlaced placed) { _ = 1; }"));

        reasons["output"].Should().HaveCount(4).And.OnlyContain(reason => reason == IncrementalStepRunReason.Cached);
    }

    [Fact]
    public void Another_event_writes_the_list_anew_and_nothing_else()
    {
        var reasons = ReasonsAfter(Shop, compilation => compilation.AddSyntaxTrees(CSharpSyntaxTree.ParseText("[EventSourcing.EventType(\"paid\")] public sealed record Paid;")));

        reasons["output"].Order().Should().Equal(
            IncrementalStepRunReason.Modified, IncrementalStepRunReason.Cached, IncrementalStepRunReason.Cached, IncrementalStepRunReason.Cached);
    }

    private static CSharpCompilation Edited(CSharpCompilation compilation, string before, string after)
    {
        var tree = compilation.SyntaxTrees.Single(one => one.FilePath == "Shop.cs");
        var text = tree.GetText().ToString();
        text.Should().Contain(before);
        return compilation.ReplaceSyntaxTree(tree, CSharpSyntaxTree.ParseText(text.Replace(before, after, StringComparison.Ordinal), path: tree.FilePath));
    }

    /// <summary>By step: what the second run found of each of its outputs.</summary>
    private static Dictionary<string, IncrementalStepRunReason[]> ReasonsAfter(string source, Func<CSharpCompilation, CSharpCompilation> edit)
    {
        var compilation = new Code(source).Compilation;
        var driver = Code.Driver().RunGenerators(compilation).RunGenerators(edit(compilation));
        var reasons = new Dictionary<string, IncrementalStepRunReason[]>();
        foreach (var result in driver.GetRunResult().Results)
        {
            foreach (var (name, steps) in result.TrackedSteps.Where(step => Steps.Contains(step.Key)))
            {
                reasons[name] = [.. steps.SelectMany(step => step.Outputs).Select(output => output.Reason)];
            }

            IEnumerable<IncrementalStepRunReason> outputs = result.TrackedOutputSteps.SelectMany(step => step.Value).SelectMany(step => step.Outputs).Select(output => output.Reason);
            reasons["output"] = [.. reasons.GetValueOrDefault("output", []), .. outputs];
        }

        return reasons;
    }
}
