namespace DeepSight.Tests.Storage.Faults;

/// <summary>The kinds of request that a store makes; of a part in Azure's words: a block, and of completing: the block list.</summary>
public enum StoreCall
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
    Lease,
}
