namespace EventSourcing.Testing;

/// <summary>A stored contract that changes by accident fails a test, whose message says what has changed.</summary>
public sealed class EventCatalogueApprovalTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("catalogue").FullName;

    private string Approved => Path.Combine(folder, "events.approved.json");

    private string Received => Approved + ".received";

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void What_is_approved_passes_however_its_lines_end()
    {
        var catalogue = Of(types => types.Add<Paid>());
        foreach (var text in new[] { catalogue.ToString(), catalogue.ToString().ReplaceLineEndings("\r\n"), catalogue.ToString().TrimEnd(), "\ufeff" + catalogue })
        {
            File.WriteAllText(Approved, text);
            File.WriteAllText(Received, "of an earlier run");

            catalogue.ShouldBeApprovedIn(Approved);

            File.Exists(Received).Should().BeFalse("there is nothing to approve any more");
        }
    }

    [Fact]
    public void Where_nothing_is_approved_yet_the_text_is_put_there_and_the_way_to_approve_it_told()
    {
        var catalogue = Of(types => types.Add<Paid>());
        var nested = Path.Combine(folder, "new", "events.json");

        Fails(catalogue, nested).Should().Contain("Nothing is approved yet").And.Contain($"mv \"{nested}.received\" \"{nested}\"");
        File.Move(nested + ".received", nested);
        catalogue.ShouldBeApprovedIn(nested);
    }

    [Fact]
    public void A_member_renamed_by_accident_shows_as_a_difference_of_lines()
    {
        Approve(types => types.Add<Paid>().Add<Left>());

        Fails(Of(types => types.Add<PaidOtherwise>().Add<Left>())).Should().Be($$"""
            What the log holds of events is otherwise than approved in {{Approved}} (- approved, + now):

            'paid' has changed
                …
                  "schema": {
                    "type": "object",
                    "properties": {
              -       "amount": {
              +       "sum": {
                        "type": "number",
                        "format": "decimal"
                      },
                …
                      }
                    },
                    "required": [
              -       "amount",
              +       "sum",
                      "by"
                    ]
                  }
                …

            Where that is wanted, and stored events can still be read, approve it: mv "{{Received}}" "{{Approved}}"
            """);
        File.ReadAllText(Received).Should().Be(Of(types => types.Add<PaidOtherwise>().Add<Left>()).ToString());
    }

    [Fact]
    public void A_new_event_and_one_that_is_gone_are_named()
    {
        Approve(types => types.Add<Paid>());

        Fails(Of(types => types.Add<Left>())).Should()
            .Contain("'left' is new").And.Contain("  + {").And.Contain("'paid' is gone: events stored under this name cannot be read").And.Contain("  -       \"amount\": {");
    }

    [Fact]
    public void A_raised_version_shows_what_becomes_of_the_former()
    {
        Approve(types => types.Add<Paid>());

        Fails(Of(types => types.Add<Paid>("paid@2").Upcasters.AddJson("paid", "paid@2"))).Should()
            .Contain("'paid' has changed").And.Contain("+   \"liftedTo\": [").And.Contain("'paid@2' is new");
    }

    [Theory]
    [InlineData("no JSON at all")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("")]
    [InlineData("{\"a\":1,\"a\":2}")]
    public void An_approved_text_that_is_no_catalogue_is_told(string text)
    {
        File.WriteAllText(Approved, text);

        Fails(Of(types => types.Add<Paid>())).Should().Contain("no catalogue").And.Contain("mv ");
    }

    [Fact]
    public void Where_the_text_cannot_be_written_it_is_in_the_message()
    {
        Approve(types => types.Add<Paid>());
        Directory.CreateDirectory(Received);

        Fails(Of(types => types.Add<Left>())).Should().Contain("'left' is new").And.Contain("could not be written").And.Contain("\"left\": {");
    }

    [Fact]
    public void A_relative_path_begins_at_the_project_of_the_tests()
    {
        Of(types => types.Add<Paid>()).ShouldBeApprovedIn("events.approved.json");

        FluentActions.Invoking(() => Of(types => types.Add<Paid>()).ShouldBeApprovedIn("")).Should().Throw<ArgumentException>();
    }

    private void Approve(Action<EventTypeRegistry> add) => File.WriteAllText(Approved, Of(add).ToString());

    private string Fails(EventCatalogue catalogue, string? path = null) =>
        catalogue.Invoking(one => one.ShouldBeApprovedIn(path ?? Approved)).Should().Throw<ScenarioFailedException>().Which.Message.Trim();

    private static EventCatalogue Of(Action<EventTypeRegistry> add)
    {
        var types = new EventTypeRegistry();
        add(types);
        return EventCatalogue.Of(new EventSerializer(types));
    }

    [EventType("paid")]
    private sealed record Paid(decimal Amount, string By);

    [EventType("paid")]
    private sealed record PaidOtherwise(decimal Sum, string By);

    [EventType("left")]
    private sealed record Left(string Why);
}
