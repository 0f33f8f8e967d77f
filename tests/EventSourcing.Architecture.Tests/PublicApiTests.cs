using EventSourcing.TestInfrastructure;
namespace EventSourcing.Architecture;

/// <summary>The public API is a promise: a change of it is seen in one file and approved there.</summary>
public sealed class PublicApiTests
{
    private const string Accept = "ACCEPT_API";

    [Theory]
    [MemberData(nameof(Packages.Names), MemberType = typeof(Packages))]
    public async Task The_public_api_is_the_approved_one(string package)
    {
        var file = Path.Combine(SourceTree.Root, "tests", "EventSourcing.Architecture.Tests", "ApprovedApi", package + ".txt");
        var actual = PublicApi.Of(Packages.Named(package));
        if (Environment.GetEnvironmentVariable(Accept) == "1")
        {
            await File.WriteAllTextAsync(file, actual, TestContext.Current.CancellationToken);
        }

        var approved = File.Exists(file) ? (await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken)).ReplaceLineEndings("\n") : string.Empty;

        actual.Should().Be(approved, $"a change of the public API is reviewed in {file}; run the tests with {Accept}=1 to accept it");
    }
}
