namespace DeepSight.Tests.Storage.Faults;

/// <summary>The kinds of request that a store makes.</summary>
public enum S3Call
{
    Put,
    Initiate,
    Part,
    Complete,
    Abort,
    Head,
    Get,
    List,
    ListUploads,
    ListParts,
    Delete,
    DeleteMany,
    Retention,
}
