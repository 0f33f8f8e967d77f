using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;

namespace EventSourcing;

public sealed class JsonDifferenceTests
{
    [Theory]
    [InlineData("""{"a":1}""", """{"a":1.0}""", "")]
    [InlineData("""{"a":1,"b":2}""", """{"b":2,"a":1}""", "")]
    [InlineData("""{"a":1}""", """{"a":2}""", "$.a: 1 → 2")]
    [InlineData("""{"a":{"b":{"c":1}}}""", """{"a":{"b":{"c":"x"}}}""", "$.a.b.c: 1 → \"x\"")]
    [InlineData("""{"a":1}""", """{"b":1}""", "$.a: 1 → (nothing)|$.b: (nothing) → 1")]
    [InlineData("""{"a":null}""", "{}", "$.a: null → (nothing)")]
    [InlineData("""{"a":null}""", """{"a":{"b":1}}""", "$.a: null → {\"b\":1}")]
    [InlineData("""{"a":[1,2,3]}""", """{"a":[1,3]}""", "$.a[1]: 2 → (nothing)")]
    [InlineData("""{"a":[1,3]}""", """{"a":[1,2,3]}""", "$.a[1]: (nothing) → 2")]
    [InlineData("""[1,1]""", """[1,1,1]""", "$[2]: (nothing) → 1")]
    [InlineData("""[{"p":1},{"p":2}]""", """[{"p":1},{"p":3}]""", "$[1].p: 2 → 3")]
    [InlineData("""[1,2,3,4]""", """[1,5,4]""", "$[1]: 2 → 5|$[2]: 3 → (nothing)")]
    [InlineData("""{"a":[]}""", """{"a":{}}""", "$.a: [] → {}")]
    [InlineData("""{"x.y":1,"":1,"1":1,"ü_1":1,"q\"":1}""", "{}", "$[\"x.y\"]: 1 → (nothing)|$[\"\"]: 1 → (nothing)|$[\"1\"]: 1 → (nothing)|$.ü_1: 1 → (nothing)|$[\"q\\\"\"]: 1 → (nothing)")]
    [InlineData("1", "2", "$: 1 → 2")]
    public void What_differs_is_told_by_its_path(string before, string after, string changes)
    {
        using var left = JsonDocument.Parse(before);
        using var right = JsonDocument.Parse(after);

        string.Join('|', JsonDifference.Between(left.RootElement, right.RootElement)).Should().Be(changes);
    }

    [Fact]
    public void Points_tell_what_they_are()
    {
        PointInLog.End.ToString().Should().Be("the end");
        PointInLog.At(new StreamVersion(12)).ToString().Should().Be("version 12");
        PointInLog.At(new LogPosition(5000)).ToString().Should().Be("position 5000");
        PointInLog.At(new DateTimeOffset(2026, 1, 31, 11, 0, 0, TimeSpan.FromHours(1))).ToString().Should().Be("2026-01-31 10:00:00Z");
    }

    [Fact]
    public void Without_the_capability_of_the_store_it_is_said()
    {
        var services = new ServiceCollection();
        services.AddEventSourcing().UseStore(_ => new InMemory.InMemoryEventStore());
        using var provider = services.BuildServiceProvider(new ServiceProviderOptions { ValidateOnBuild = true });

        provider.GetRequiredService<StreamHistory>().Should().NotBeNull();
        foreach (var service in new[] { typeof(AuditTrail), typeof(ChainVerifier) })
        {
            FluentActions.Invoking(() => provider.GetRequiredService(service)).Should().Throw<InvalidOperationException>().WithMessage("*offers no I*");
        }
    }
}
